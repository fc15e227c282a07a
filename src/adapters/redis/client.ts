import { Redis } from 'ioredis';
import type { Secret } from '../../secret.ts';

export interface RedisOptions {
  readonly url: Secret;
  /** Told when the connection is lost, or was not to be had, and when it is there again; not for each attempt. */
  readonly note?: (news: 'lost' | 'back') => void;
}

/** Whoever keeps connections can make them anew. */
export interface Renewable {
  renew(): Promise<void>;
}

const answersWithinMs = 500;
const connectsWithinMs = 2000;
const longestPauseMs = 2000;

/**
 * A client that fails at once while there is no connection, and goes on trying to have one. Commands are sent once. Nothing is
 * said about why it fails: addresses and passwords stand in those words.
 */
export function createRedisClient({ url, note }: RedisOptions): Redis {
  const redis = new Redis(url.reveal(), {
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    autoResubscribe: true,
    autoResendUnfulfilledCommands: false,
    connectTimeout: connectsWithinMs,
    commandTimeout: answersWithinMs,
    retryStrategy: (times) => Math.min(50 * 2 ** times, longestPauseMs),
  });
  let isThere = true;
  const tell = (now: boolean) => {
    if (isThere !== now) note?.(now ? 'back' : 'lost');
    isThere = now;
  };
  redis.on('ready', () => tell(true));
  redis.on('close', () => tell(false));
  redis.on('error', () => undefined);
  return redis;
}

/** Resolves when it is connected, or has not become so in time. */
export function connected(redis: Redis): Promise<void> {
  if (redis.status === 'ready') return Promise.resolve();
  return new Promise((resolve) => {
    redis.once('ready', resolve);
    redis.once('close', resolve);
  });
}

/** Lets go of a connection that may be stale, and resolves when there is another, or could not be at once. */
export async function renewed(redis: Redis): Promise<void> {
  if (redis.status === 'ready') {
    const closed = new Promise((resolve) => void redis.once('close', resolve));
    redis.disconnect(true);
    await closed;
  }
  await connected(redis);
}
