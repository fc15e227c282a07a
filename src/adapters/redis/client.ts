import { Redis, type RedisOptions as ClientOptions } from 'ioredis';
import { readRedisUrl } from '../../config.ts';
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

/** A server that is frozen, or cut off, is left after this time: it takes what is written into it and loses it afterwards. */
const answersWithinMs = 1000;
const connectsWithinMs = 2000;
/** Shorter than the lock of a call: who has Redis back says what is his before anybody may conclude that he is gone. */
const longestPauseMs = 500;
const aliveEveryMs = 5000;
const copiedWithinMs = 200;

const pauseMs = (times: number): number => Math.min(50 * 2 ** times, longestPauseMs);

/** How a Redis is reached by its URL; retries are for the caller to add. */
export function reaching(url: Secret): ClientOptions {
  const place = readRedisUrl(url.reveal());
  if (!place) throw new Error('what REDIS_URL says is no Redis');
  const { username, database: db } = place;
  const password = place.password?.reveal();
  const tls = place.tls && { tls: {} };
  const access = { ...(username && { username }), ...(password && { password }), ...tls, db };
  const limits = {
    connectTimeout: connectsWithinMs,
    commandTimeout: answersWithinMs,
    socketTimeout: answersWithinMs,
    keepAlive: aliveEveryMs,
  };
  if (place.kind === 'server') return { ...place.address, ...access, ...limits };
  return {
    sentinels: place.sentinels.map(({ host, port }) => ({ host, port })),
    name: place.name,
    ...(password && { sentinelPassword: password }),
    ...(tls && { sentinelTLS: {}, enableTLSForSentinelMode: true }),
    sentinelCommandTimeout: answersWithinMs,
    sentinelRetryStrategy: () => null,
    // Sentinels tell at once that another server is the primary: what is sent to the old one is lost.
    failoverDetector: true,
    ...access,
    ...limits,
  };
}

/** Sentinels that tell of another primary while ioredis asks them which one it is make it give up for good: it begins anew. */
function beginAnew(redis: Redis): void {
  const disconnect = redis.disconnect.bind(redis);
  let isLetGo = false;
  redis.disconnect = (reconnect = false) => {
    isLetGo ||= !reconnect;
    disconnect(reconnect);
  };
  const again = () => {
    if (!isLetGo && redis.status === 'end') redis.connect().catch(() => undefined);
  };
  redis.on('end', () => void setTimeout(again, pauseMs(0)));
}

/**
 * A client that fails at once while there is no connection, and goes on trying to have one. Commands are sent once. Nothing is
 * said about why it fails: addresses and passwords stand in those words.
 */
export function createRedisClient({ url, note }: RedisOptions): Redis {
  const redis = new Redis({
    ...reaching(url),
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    autoResubscribe: true,
    autoResendUnfulfilledCommands: false,
    retryStrategy: pauseMs,
    sentinelRetryStrategy: pauseMs,
    sentinelReconnectStrategy: pauseMs,
    // A primary that became a replica goes on answering, and takes no writes.
    reconnectOnError: ({ message }) => message.startsWith('READONLY'),
  });
  let isThere = true;
  const tell = (now: boolean) => {
    if (isThere !== now) note?.(now ? 'back' : 'lost');
    isThere = now;
  };
  beginAnew(redis);
  redis.on('ready', () => tell(true));
  redis.on('close', () => tell(false));
  // While no sentinel answers there is nothing to close.
  redis.on('error', () => void (redis.status === 'ready' || tell(false)));
  return redis;
}

/** Resolves when it is connected, or has not become so in time. */
export function connected(redis: Redis): Promise<void> {
  if (redis.status === 'ready') return Promise.resolve();
  return new Promise((resolve) => {
    for (const event of ['ready', 'close', 'error']) redis.once(event, () => resolve());
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

/**
 * Writes what may not be lost: where sentinels make another server the primary, it counts once a replica has it too. Rejects
 * otherwise, though it may have been written; a server that no replica follows is left, for another may be the primary.
 */
export async function surely<Result>(redis: Redis, write: () => Promise<Result>): Promise<Result> {
  const result = await write();
  if (!redis.options.sentinels) return result;
  if ((await copies(redis)) > 0) return result;
  redis.disconnect(true);
  throw new Error('Redis has no replica that has taken what was written');
}

interface Counting {
  running?: Promise<number> | undefined;
  next?: Promise<number> | undefined;
}

const countings = new WeakMap<Redis, Counting>();

/** How many replicas have what was written until now. One question tells it for all who wrote before it was asked. */
function copies(redis: Redis): Promise<number> {
  const counting = countings.get(redis) ?? {};
  countings.set(redis, counting);
  const count = () => {
    counting.next = undefined;
    counting.running = redis.wait(1, copiedWithinMs).finally(() => void (counting.running = undefined));
    return counting.running;
  };
  if (!counting.running) return count();
  counting.next ??= counting.running.then(count, count);
  return counting.next;
}
