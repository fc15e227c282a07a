import { createHash, randomBytes } from 'node:crypto';
import type { AlertClaims } from '../../runtime/alert-claims.ts';
import { createRedisClient, type RedisOptions } from './client.ts';

/** Longer than a message may take; who dies meanwhile holds the others up for so long. */
const leaseMs = 30_000;
const toldMark = 'told';

/** Lets go of what is still ours. */
const release = `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0`;

/** Of all instances that have this Redis one tells. While it cannot be reached each tells by itself: better twice than never. */
export function createRedisAlertClaims(options: RedisOptions): AlertClaims {
  const redis = createRedisClient(options);
  const mark = randomBytes(16).toString('base64url');
  return {
    async take(name) {
      try {
        const taken = await redis.set(keyOf(name), mark, 'PX', leaseMs, 'NX');
        if (taken !== null) return 'mine';
        const held = await redis.get(keyOf(name));
        if (held === toldMark) return 'told';
        return held === mark ? 'mine' : 'taken';
      } catch {
        return 'mine';
      }
    },
    told(names, instead, forMs) {
      const marks = names.map((name) => ['set', keyOf(name), toldMark, 'PX', forMs]);
      return redis
        .multi([...marks, ['del', ...instead.map(keyOf)]])
        .exec()
        .then(nothing, nothing);
    },
    release: (name) => redis.eval(release, 1, keyOf(name), mark).then(nothing, nothing),
    close: async () => redis.disconnect(),
  };
}

const nothing = (): void => undefined;
const keyOf = (name: string): string => `voicechart:alert:${createHash('sha256').update(name).digest('base64url')}`;
