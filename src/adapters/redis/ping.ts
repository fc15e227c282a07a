import { Redis } from 'ioredis';
import type { Clock } from '../../clock.ts';
import type { Failure } from '../../failure.ts';
import type { Secret } from '../../secret.ts';
import { classifyErrno, errnoOf, failureOf } from '../classify.ts';

const vendor = 'redis';
const connectMs = 2000;

export interface RedisPong {
  readonly version: string;
  /** Of the PING alone. */
  readonly tookMs: number;
}

/** Connects once to a Redis, pings it, asks for its version, and leaves. What goes wrong is the value. Never rejects. */
export async function pingRedis(
  url: Secret,
  { clock, signal }: { readonly clock: Pick<Clock, 'now'>; readonly signal: AbortSignal },
): Promise<RedisPong | Failure> {
  const client = new Redis(url.reveal(), {
    lazyConnect: true,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    connectTimeout: connectMs,
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
    const tookMs = clock.now() - askedAt;
    return { tookMs, version: /redis_version:(\S+)/.exec(await client.info('server'))?.[1] ?? 'unknown' };
  } catch (error) {
    return failureFrom(last ?? error, url);
  } finally {
    signal.removeEventListener('abort', leave);
    leave();
  }
}

function failureFrom(error: unknown, url: Secret): Failure {
  const said = (error instanceof Error ? error.message : String(error)).replaceAll(url.reveal(), '[secret]');
  if (/NOAUTH|WRONGPASS|invalid password|NOPERM/i.test(said))
    return failureOf('auth', { vendor, phase: 'handshake', message: said });
  return classifyErrno({ vendor, phase: 'connect', message: said, errno: errnoOf(error) });
}
