import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { type AvoidableVendor, limitableOperations, type Posture } from '../../posture.ts';
import type { PostureStore } from '../../runtime/posture-store.ts';
import { connected, createRedisClient, type RedisOptions, type Renewable, renewed } from './client.ts';

const keys = {
  /** A hash of who leads and by which number. It ends with the lead. */
  lead: 'voicechart:posture:lead',
  /** The highest number so far. */
  fence: 'voicechart:posture:fence',
  last: 'voicechart:posture',
};

/** A message goes to all databases of a Redis: what is told says for which it is meant. */
const channelOf = (database: number): string => `voicechart:posture:${database}`;

const takeLead = `
local held = redis.call('HMGET', KEYS[1], 'by', 'fence')
if held[1] and held[1] ~= ARGV[1] then return false end
local fence = held[2] or redis.call('INCR', KEYS[2])
redis.call('HSET', KEYS[1], 'by', ARGV[1], 'fence', fence)
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return tonumber(fence)`;

/** Who has not got the lead of this number any more writes nothing, though it may not know that yet. */
const writeLast = `
local held = redis.call('HMGET', KEYS[1], 'by', 'fence')
if held[1] ~= ARGV[1] or held[2] ~= ARGV[2] then return 0 end
redis.call('SET', KEYS[2], ARGV[3])
redis.call('PUBLISH', ARGV[4], ARGV[3])
return 1`;

const giveUp = `
if redis.call('HGET', KEYS[1], 'by') == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0`;

/** The posture of all instances that have this database of a Redis. */
export async function openRedisPostures(options: RedisOptions): Promise<PostureStore & Renewable> {
  const redis = createRedisClient(options);
  const hearing = createRedisClient({ url: options.url });
  const channel = channelOf(redis.options.db ?? 0);
  const by = randomBytes(16).toString('base64url');
  const watchers = new Set<(posture: Posture) => void>();
  hearing.on('message', (_channel, message) => {
    const posture = readPosture(message);
    if (posture) for (const heard of watchers) heard(posture);
  });
  hearing.on('ready', () => void hearing.subscribe(channel).catch(() => undefined));
  await Promise.all([connected(redis), connected(hearing)]);
  if (hearing.status === 'ready') await hearing.subscribe(channel).catch(() => undefined);

  return {
    async lead(forMs) {
      const fence = await redis.eval(takeLead, 2, keys.lead, keys.fence, by, Math.ceil(forMs));
      return typeof fence === 'number' ? fence : undefined;
    },
    async read() {
      const last = await redis.get(keys.last);
      return last === null ? undefined : readPosture(last);
    },
    async write(posture, fence) {
      const text = JSON.stringify(posture);
      const written = await redis.eval(writeLast, 2, keys.lead, keys.last, by, String(fence), text, channel);
      return written === 1 ? 'written' : 'fenced';
    },
    watch(heard) {
      const own = (posture: Posture) => heard(posture);
      watchers.add(own);
      return () => void watchers.delete(own);
    },
    renew: async () => void (await Promise.all([redis, hearing].map(renewed))),
    async close() {
      watchers.clear();
      await redis.eval(giveUp, 1, keys.lead, by).catch(() => undefined);
      redis.disconnect();
      hearing.disconnect();
    },
  };
}

const vendors = ['deepgram', 'openai', 'groq', 'cartesia'] as const satisfies readonly AvoidableVendor[];

const shape: z.ZodType<Posture> = z.object({
  version: z.int(),
  since: z.number(),
  mode: z.enum(['normal', 'degraded', 'failsafe']),
  livekitHost: z.enum(['primary', 'fallback']),
  sipSet: z.enum(['primary', 'backup']),
  avoid: z.array(z.enum(vendors)).readonly(),
  limited: z.array(z.enum(limitableOperations)).readonly(),
});

/** Whoever has Redis may write anything into it. */
function readPosture(text: string): Posture | undefined {
  try {
    return shape.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
