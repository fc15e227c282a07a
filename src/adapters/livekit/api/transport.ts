import { Pool } from 'undici';
import type { Clock } from '../../../clock.ts';
import type { Failure } from '../../../failure.ts';
import { ControlError } from '../../../runtime/control-error.ts';
import type { Sighting } from '../../../runtime/notices.ts';
import { retryAfterMs } from '../../classify.ts';
import { createBreaker } from './breaker.ts';
import { notSent, refusalError, signOf, transportError, unreadable } from './errors.ts';
import { createLimiter } from './limiter.ts';
import { type Rpc, targetOf } from './rpc.ts';

export interface TransportOptions {
  /** `ws(s)://` or `http(s)://` of the LiveKit server. */
  readonly url: string;
  readonly clock: Clock;
  /** Requests per second. Default: 16 for LiveKit Cloud, which allows 1,000 a minute; no limit for a server of one's own. */
  readonly perSecond?: number;
  /** False: whatever happened before, a request is sent. For probes. */
  readonly breaks?: boolean;
  /** Told of each request that was sent, when it is over, and to which server. Must not throw. */
  readonly seen?: (sighting: Sighting, url: string) => void;
}

/** What the SDK's service clients send their requests through. */
export interface Transport {
  /** Sends once, never again. Rejects with a `ControlError`. `timeoutSeconds`: default 10. */
  request(
    service: string,
    method: string,
    data: unknown,
    headers: Readonly<Record<string, string>>,
    timeoutSeconds?: number,
  ): Promise<unknown>;
  /**
   * Takes no more, and resolves when all sockets are let go: what is under way has been answered, or was not within two
   * seconds and is given up. Idempotent.
   */
  close(): Promise<void>;
  /** Takes no more, and resolves when what is under way has been answered, however long that takes. */
  retire(): Promise<void>;
}

const mostSockets = 100;
/** Requests sent and waiting for a socket together. */
const mostPending = 2000;
const largestAnswerBytes = 32 * 1024 * 1024;
const cloudPerSecond = 16;
/** A telephone may ring for a minute: whoever closes does not wait for that. */
const closesWithinMs = 2000;

/** The one way to LiveKit's API: a limiter, a breaker, and a pool of at most 100 sockets that are kept open. */
export function createTransport({ url, clock, perSecond, breaks = true, seen }: TransportOptions): Transport {
  const origin = new URL(url.replace(/^ws/, 'http'));
  const pool = new Pool(origin.origin, {
    connections: mostSockets,
    pipelining: 1,
    keepAliveTimeout: 60_000,
    keepAliveMaxTimeout: 600_000,
    headersTimeout: 0,
    bodyTimeout: 0,
    maxResponseSize: largestAnswerBytes,
    connect: { timeout: 5000 },
    allowH2: false,
  });
  const rate = perSecond ?? rateOf(origin.hostname);
  const limiter = rate === undefined ? undefined : createLimiter({ perSecond: rate, clock });
  const breaker = createBreaker(clock);
  let pending = 0;
  let closed: Promise<void> | undefined;

  async function admit(rpc: Rpc): Promise<void> {
    const tooLongMs = await limiter?.take();
    if (tooLongMs !== undefined) throw notSent(rpc, 'rate', `only ${rate} requests a second may be sent`, tooLongMs);
    const restMs = breaks ? breaker.enter() : undefined;
    if (restMs !== undefined)
      throw notSent(rpc, 'unavailable', 'not sent: LiveKit has not answered for a while', restMs);
  }

  async function send(rpc: Rpc, data: unknown, headers: Readonly<Record<string, string>>, timeoutMs: number) {
    const late = new AbortController();
    const timer = clock.setTimeout(() => late.abort(), timeoutMs);
    try {
      const answer = await pool.request({
        method: 'POST',
        path: `/twirp/livekit.${rpc.service}/${rpc.method}`,
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(data),
        signal: late.signal,
      });
      const body = await answer.body.text();
      if (answer.statusCode === 200) return parsed(rpc, body);
      const wait = retryAfterMs((header) => answer.headers[header]?.toString());
      throw refusalError(rpc, { status: answer.statusCode, body, ...(wait !== undefined && { retryAfterMs: wait }) });
    } catch (error) {
      throw error instanceof ControlError ? error : transportError(rpc, error, late.signal.aborted);
    } finally {
      clock.clearTimeout(timer);
    }
  }

  async function watched(rpc: Rpc, sending: Promise<unknown>): Promise<unknown> {
    const askedAt = clock.now();
    const tell = (failure?: Failure) => {
      const [at, operation] = [clock.now(), rpc.method];
      const tookMs = at - askedAt;
      seen?.({ target: targetOf(rpc), by: 'use', at, tookMs, operation, ...(failure && { failure }) }, url);
    };
    try {
      const result = await sending;
      breaker.saw('alive');
      tell();
      return result;
    } catch (error) {
      breaker.saw(signOf(rpc, error as ControlError));
      tell((error as ControlError).failure);
      throw error;
    }
  }

  async function close(): Promise<void> {
    const timer = clock.setTimeout(() => void pool.destroy(new Error('not answered before we closed')), closesWithinMs);
    await pool.close();
    clock.clearTimeout(timer);
  }

  return {
    async request(service, method, data, headers, timeoutSeconds = 10) {
      const rpc = { service, method };
      if (pending >= mostPending) throw notSent(rpc, 'rate', `${mostPending} requests are under way already`, 1000);
      pending += 1;
      try {
        await admit(rpc);
        return await watched(rpc, send(rpc, data, headers, timeoutSeconds * 1000));
      } finally {
        pending -= 1;
      }
    },
    close: () => (closed ??= close()),
    retire: () => pool.close(),
  };
}

/** Requests per second that a host takes; nothing: as many as come. */
export const rateOf = (hostname: string): number | undefined =>
  hostname.endsWith('.livekit.cloud') ? cloudPerSecond : undefined;

function parsed(rpc: Rpc, text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Said below, with what is no object.
  }
  throw unreadable(rpc);
}
