import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { RegisterNews, RoomName, TokenRegister } from '../../runtime/token-register.ts';
import { connected, createRedisClient, type RedisOptions, type Renewable, renewed, surely } from './client.ts';

/** A message goes to all databases of a Redis, a key stays in its own: what is told says for which it is meant. */
const channelOf = (database: number): string => `voicechart:barred:${database}`;

/** Sets a key that lasts at least so long, and no shorter than it would have. */
const setLonger = `
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) end
return 1`;

/** A credential is enrolled unless its name is barred, and both in one moment. */
const enrol = `
if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`;

/**
 * The register of all instances that have this database of a Redis. Ids and names of rooms and people are there as their SHA-256 alone, but for
 * those of credentials that live, whose names are needed to revoke them from elsewhere.
 */
export async function openRedisTokenRegister(options: RedisOptions): Promise<TokenRegister & Renewable> {
  const redis = createRedisClient(options);
  const hearing = createRedisClient({ url: options.url });
  const channel = channelOf(redis.options.db ?? 0);
  const watchers = new Set<RegisterNews>();
  const tell = (message: string) => {
    const name = readName(message);
    if (name) for (const { barred } of watchers) barred(name);
  };
  await Promise.all([connected(redis), connected(hearing)]);

  const subscribe = () =>
    void hearing.subscribe(channel).then(
      () => watchers.forEach(({ missed }) => missed()),
      () => undefined,
    );
  hearing.on('message', (_channel, message) => tell(message));
  hearing.on('ready', subscribe);
  if (hearing.status === 'ready') await hearing.subscribe(channel).catch(() => undefined);

  return {
    enrol: async (id, name, forMs) =>
      (await redis.eval(enrol, 2, credentialKey(id), barKey(name), JSON.stringify(name), whole(forMs))) === 1,
    async find(id) {
      const found = await redis.get(credentialKey(id));
      return found === null ? undefined : readName(found);
    },
    async bar(name, forMs) {
      await surely(redis, () => redis.eval(setLonger, 1, barKey(name), '1', whole(forMs)));
      await redis.publish(channel, JSON.stringify(name));
    },
    isBarred: async (name) => (await redis.exists(barKey(name))) === 1,
    supersede: async (jti, forMs) =>
      void (await surely(redis, () => redis.eval(setLonger, 1, oldKey(jti), '1', whole(forMs)))),
    async standing({ jti, name }) {
      const [barred, old] = await redis.mget(barKey(name), oldKey(jti));
      if (barred !== null) return 'revoked';
      return old === null ? undefined : 'superseded';
    },
    watch(news) {
      watchers.add(news);
      return () => void watchers.delete(news);
    },
    renew: async () => void (await Promise.all([redis, hearing].map(renewed))),
    async close() {
      watchers.clear();
      redis.disconnect();
      hearing.disconnect();
    },
  };
}

const whole = (ms: number): number => Math.max(1, Math.ceil(ms));
const hash = (text: string): string => createHash('sha256').update(text).digest('base64url');
const credentialKey = (id: string): string => `voicechart:credential:${hash(id)}`;
const barKey = ({ room, identity }: RoomName): string => `voicechart:bar:${hash(JSON.stringify([room, identity]))}`;
const oldKey = (jti: string): string => `voicechart:superseded:${hash(jti)}`;

const shape = z.object({ room: z.string(), identity: z.string() });

/** Whoever has Redis may write anything into it. */
function readName(text: string): RoomName | undefined {
  try {
    return shape.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
