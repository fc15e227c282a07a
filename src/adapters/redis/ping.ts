import { Redis } from 'ioredis';
import type { Clock } from '../../clock.ts';
import { readRedisUrl } from '../../config.ts';
import type { Failure } from '../../failure.ts';
import type { Secret } from '../../secret.ts';
import { classifyErrno, errnoOf, failureOf } from '../classify.ts';
import { reaching } from './client.ts';

const vendor = 'redis';

export interface RedisPong {
  readonly version: string;
  /** Of the PING alone. */
  readonly tookMs: number;
  /** Whether what is kept in it may be thrown away when its memory is full. */
  readonly evicts: boolean;
  /** Whether what is kept in it is there after it was started again. */
  readonly keeps: boolean;
  /** Replicas that follow it. */
  readonly replicas: number;
}

/** Connects once to a Redis, pings it, asks how it stands, and leaves. What goes wrong is the value. Never rejects. */
export async function pingRedis(
  url: Secret,
  { clock, signal }: { readonly clock: Pick<Clock, 'now'>; readonly signal: AbortSignal },
): Promise<RedisPong | Failure> {
  const client = new Redis({
    ...reaching(url),
    failoverDetector: false,
    lazyConnect: true,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
  });
  // What it reports besides is what `connect` rejects with.
  let last: unknown;
  client.on('error', (error: unknown) => void (last = error));
  const leave = () => client.disconnect();
  signal.addEventListener('abort', leave, { once: true });
  try {
    await client.connect();
    const askedAt = clock.now();
    await client.ping();
    return { tookMs: clock.now() - askedAt, ...standing(await client.info()) };
  } catch (error) {
    return failureFrom(last ?? error, url);
  } finally {
    signal.removeEventListener('abort', leave);
    leave();
  }
}

function standing(info: string): Omit<RedisPong, 'tookMs'> {
  const says = (name: string) => new RegExp(`^${name}:(\\S+)`, 'm').exec(info)?.[1];
  return {
    version: says('redis_version') ?? 'unknown',
    evicts: (says('maxmemory_policy') ?? 'noeviction') !== 'noeviction',
    keeps: says('aof_enabled') === '1',
    replicas: Number(says('connected_slaves') ?? 0),
  };
}

function failureFrom(error: unknown, url: Secret): Failure {
  const said = withoutSecrets(error instanceof Error ? error.message : String(error), url);
  if (/NOAUTH|WRONGPASS|invalid password|NOPERM/i.test(said))
    return failureOf('auth', { vendor, phase: 'handshake', message: said });
  return classifyErrno({ vendor, phase: 'connect', message: said, errno: errnoOf(error) });
}

const withoutSecrets = (text: string, url: Secret): string =>
  [url.reveal(), readRedisUrl(url.reveal())?.password?.reveal()]
    .filter((secret) => secret !== undefined)
    .reduce((told, secret) => told.replaceAll(secret, '[secret]'), text);
