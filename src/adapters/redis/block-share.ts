import { z } from 'zod';
import type { Clock } from '../../clock.ts';
import type { BlockShare } from '../../runtime/security/block-share.ts';
import type { Block } from '../../runtime/security/blocks.ts';
import { signals, type Signal } from '../../runtime/security/signals.ts';
import { createRedisClient, type RedisOptions } from './client.ts';

/** A message goes to all databases of a Redis, a key stays in its own: what is told says for which it is meant. */
const channelOf = (database: number): string => `voicechart:blocks:${database}`;
const keyOf = (id: string): string => `voicechart:block:${id}`;
/** Of keys of all kinds, a thousand each. */
const mostPages = 100;

type News = Parameters<BlockShare['watch']>[0];

/** Blocks of all instances that have this database of a Redis. Numbers stand in it for as long as they are blocked. */
export function createRedisBlockShare({
  clock,
  ...options
}: RedisOptions & { readonly clock: Pick<Clock, 'now'> }): BlockShare {
  const redis = createRedisClient(options);
  const hearing = createRedisClient(options);
  const channel = channelOf(redis.options.db ?? 0);
  const watchers = new Set<News>();

  function hear(message: string): void {
    const told = read(message);
    for (const watcher of told ? watchers : []) {
      if ('cleared' in told!) watcher.cleared(told.cleared);
      else watcher.blocked(told!);
    }
  }
  /** What was told while nobody listened here. */
  async function lookAgain(): Promise<void> {
    let cursor = '0';
    for (let page = 0; page < mostPages; page += 1) {
      // oxlint-disable-next-line no-await-in-loop
      const [next, keys] = await redis.scan(cursor, 'MATCH', keyOf('*'), 'COUNT', 1000);
      // oxlint-disable-next-line no-await-in-loop
      const found = keys.length === 0 ? [] : await redis.mget(keys);
      for (const text of found) if (text !== null) hear(text);
      if (next === '0') return;
      cursor = next;
    }
  }
  hearing.on('message', (_channel, message) => hear(message));
  hearing.on('ready', () => void hearing.subscribe(channel).then(lookAgain).catch(nothing));
  // Either may be there last, and before that nothing can be asked.
  redis.on('ready', () => void lookAgain().catch(nothing));

  return {
    blocked(block) {
      const text = JSON.stringify(block);
      const forMs = Math.max(1, block.until - clock.now());
      redis.multi().set(keyOf(block.id), text, 'PX', forMs).publish(channel, text).exec().catch(nothing);
    },
    cleared: (id) =>
      void redis
        .multi()
        .del(keyOf(id))
        .publish(channel, JSON.stringify({ cleared: id }))
        .exec()
        .catch(nothing),
    watch(news) {
      watchers.add(news);
      return () => void watchers.delete(news);
    },
    async close() {
      watchers.clear();
      redis.disconnect();
      hearing.disconnect();
    },
  };
}

const nothing = (): void => undefined;

const shape = z.union([
  z.object({ cleared: z.string() }),
  z.object({
    id: z.string(),
    source: z.object({ kind: z.enum(['ip', 'number', 'prefix']), value: z.string() }),
    why: z.enum(Object.keys(signals) as [Signal, ...Signal[]]),
    since: z.number(),
    until: z.number(),
  }),
]);

/** Whoever has Redis may write anything into it. */
function read(text: string): Block | { readonly cleared: string } | undefined {
  try {
    return shape.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
