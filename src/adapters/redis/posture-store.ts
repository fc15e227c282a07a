import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { type AvoidableVendor, limitableOperations, measureKinds, type Posture } from '../../posture.ts';
import type { PostureStore } from '../../runtime/posture-store.ts';
import { type Target, targets } from '../../targets.ts';
import { connected, createRedisClient, type RedisOptions, type Renewable, renewed } from './client.ts';

const keys = {
  /** A hash of who leads and by which number. It ends with the lead. */
  lead: 'voicechart:posture:lead',
  /** The highest number so far. */
  fence: 'voicechart:posture:fence',
  last: 'voicechart:posture',
  /** A hash of what waits for an admin at each instance: `until target,target`. */
  waiting: 'voicechart:posture:waiting',
  acknowledged: 'voicechart:posture:acknowledged',
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
redis.call('HDEL', KEYS[2], ARGV[1])
if redis.call('HGET', KEYS[1], 'by') == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0`;

/** Notes what waits here, forgets who has not said so in time, and gives what the others wait for. */
const tellWaiting = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSET', KEYS[1], ARGV[1], string.format('%d %s', now + ARGV[2], ARGV[3]))
local all, others = redis.call('HGETALL', KEYS[1]), {}
for i = 1, #all, 2 do
  local until_, targets = string.match(all[i + 1], '^(%d+) (.*)$')
  if not until_ or tonumber(until_) <= now then redis.call('HDEL', KEYS[1], all[i])
  elseif all[i] ~= ARGV[1] then others[#others + 1] = targets end
end
return others`;

/** Who was away for longer looks at nothing for its sake. */
const rememberedMs = 60_000;

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
    async waiting(here, forMs) {
      const told = await redis.eval(tellWaiting, 1, keys.waiting, by, Math.ceil(forMs), here.join());
      return [...new Set((told as readonly string[]).flatMap((each) => each.split(',')))].filter(isTarget);
    },
    acknowledge: async (at) => void (await redis.set(keys.acknowledged, at, 'PX', rememberedMs)),
    async acknowledged() {
      const at = Number((await redis.get(keys.acknowledged)) ?? Number.NaN);
      return Number.isFinite(at) ? at : undefined;
    },
    renew: async () => void (await Promise.all([redis, hearing].map(renewed))),
    async close() {
      watchers.clear();
      await redis.eval(giveUp, 2, keys.lead, keys.waiting, by).catch(() => undefined);
      redis.disconnect();
      hearing.disconnect();
    },
  };
}

const isTarget = (name: string): name is Target => (targets as readonly string[]).includes(name);

const vendors = ['deepgram', 'openai', 'groq', 'cartesia'] as const satisfies readonly AvoidableVendor[];

const shape: z.ZodType<Posture> = z.object({
  version: z.int(),
  since: z.number(),
  mode: z.enum(['normal', 'degraded', 'failsafe']),
  livekitHost: z.enum(['primary', 'fallback']),
  sipSet: z.enum(['primary', 'backup']),
  avoid: z.array(z.enum(vendors)).readonly(),
  limited: z.array(z.enum(limitableOperations)).readonly(),
  measures: z.array(z.object({ kind: z.enum(measureKinds), target: z.enum(targets), isOver: z.boolean() })).readonly(),
});

/** Whoever has Redis may write anything into it. */
function readPosture(text: string): Posture | undefined {
  try {
    return shape.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
