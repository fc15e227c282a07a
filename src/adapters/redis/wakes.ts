import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import { createWatchers } from '../../runtime/watchers.ts';
import { named } from './keys.ts';

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
  /** How many watch a call, by its channel. */
  const watching = new Map<string, { readonly callKey: string; count: number }>();
  const channel = (callKey: string): string => prefix + named(callKey);

  // What was told before it was heard is looked for.
  const subscribe = (callKey: string): void =>
    void hearing.subscribe(channel(callKey)).then(() => watchers.wake(callKey), nothing);
  hearing.on('message', (heard: string, from: string) => {
    const watched = watching.get(heard);
    if (from !== by && watched) watchers.wake(watched.callKey);
  });
  hearing.on('ready', () => [...watching.values()].forEach(({ callKey }) => subscribe(callKey)));

  function enter(callKey: string): void {
    const watched = watching.get(channel(callKey)) ?? { callKey, count: 0 };
    watching.set(channel(callKey), watched);
    watched.count += 1;
    if (watched.count === 1) subscribe(callKey);
  }
  function leave(callKey: string): void {
    const watched = watching.get(channel(callKey));
    if (!watched) return;
    watched.count -= 1;
    if (watched.count > 0) return;
    watching.delete(channel(callKey));
    hearing.unsubscribe(channel(callKey)).catch(nothing);
  }
  return {
    by,
    channel,
    add(callKey, wake) {
      const end = watchers.add(callKey, wake);
      enter(callKey);
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
