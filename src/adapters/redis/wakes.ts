import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import { createWatchers } from '../../runtime/watchers.ts';

/** Wakes who watches a call, in this process at once and in others by messages. */
export interface Wakes {
  /** Where scripts tell of it, and by whom: own messages are not heard again. */
  channel(callKey: string): string;
  readonly by: string;
  add(callKey: string, wake: () => void): () => void;
  wake(callKey: string): void;
}

/** `what` names the kind; a message goes to all databases of a Redis, a key stays in its own. */
export function createWakes(hearing: Redis, what: string): Wakes {
  const by = randomBytes(6).toString('base64url');
  const prefix = `voicechart:${what}:${hearing.options.db ?? 0}:`;
  const watchers = createWatchers();
  const watching = new Map<string, number>();
  const channel = (callKey: string): string => prefix + callKey;

  // What was told before it was heard is looked for.
  const subscribe = (callKey: string): void =>
    void hearing.subscribe(channel(callKey)).then(() => watchers.wake(callKey), nothing);
  hearing.on('message', (heard: string, from: string) => {
    if (from !== by && heard.startsWith(prefix)) watchers.wake(heard.slice(prefix.length));
  });
  hearing.on('ready', () => [...watching.keys()].forEach(subscribe));

  function leave(callKey: string): void {
    const left = (watching.get(callKey) ?? 1) - 1;
    if (left > 0) return void watching.set(callKey, left);
    watching.delete(callKey);
    hearing.unsubscribe(channel(callKey)).catch(nothing);
  }
  return {
    by,
    channel,
    add(callKey, wake) {
      const end = watchers.add(callKey, wake);
      watching.set(callKey, (watching.get(callKey) ?? 0) + 1);
      if (watching.get(callKey) === 1) subscribe(callKey);
      let ended = false;
      return () => {
        end();
        if (!ended) leave(callKey);
        ended = true;
      };
    },
    wake: watchers.wake,
  };
}

const nothing = (): void => undefined;
