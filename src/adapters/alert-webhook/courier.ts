import { isIP } from 'node:net';
import { Client } from 'undici';
import type { AlertCourier, AlertMessage } from '../../actors/alert-courier.ts';
import type { Clock } from '../../clock.ts';
import type { Failure } from '../../failure.ts';
import { insideKind } from '../../ingress.ts';
import type { Secret } from '../../secret.ts';
import { classifyErrno, classifyHttp, errnoOf, failureOf, retryAfterMs } from '../classify.ts';
import { pinned } from '../pinned-lookup.ts';
import { signedHeaders } from './signature.ts';

export interface AlertWebhookOptions {
  /** May hold a token in its path or query: it is shown nowhere. */
  readonly url: Secret;
  /** Each signs; at least one. */
  readonly secrets: readonly Secret[];
  /** Whether the receiver may be inside: of this machine, or of a private network. */
  readonly allowInside: boolean;
  /** All addresses of a host. */
  readonly resolve: (host: string) => Promise<readonly string[]>;
  readonly clock: Clock;
  /** For all of one message. Default 5,000. */
  readonly withinMs?: number;
}

const signal = { vendor: 'alert-webhook', phase: 'rest' } as const;

/** Posts to one address: its name is resolved once for each message, checked, and not again; redirects are failures. */
export function createAlertWebhook(options: AlertWebhookOptions): AlertCourier {
  const { clock, withinMs = 5000 } = options;
  return {
    async post(message, { signal: stop }) {
      const late = new AbortController();
      const timer = clock.setTimeout(() => late.abort(), withinMs);
      try {
        return await Promise.race([sent(message, options, AbortSignal.any([stop, late.signal])), aborted(late.signal)]);
      } catch (error) {
        return late.signal.aborted ? tooSlow : failureFrom(error);
      } finally {
        clock.clearTimeout(timer);
        late.abort();
      }
    },
  };
}

const tooSlow = failureOf('stall', { ...signal, message: 'the receiver did not answer in time' });

const aborted = (late: AbortSignal): Promise<never> =>
  new Promise((_, reject) => late.addEventListener('abort', () => reject(new Error('late')), { once: true }));

/** Words of other parts may hold the address: only the code goes on. */
function failureFrom(error: unknown): Failure {
  const errno = errnoOf(error);
  return classifyErrno({ ...signal, message: `the receiver cannot be reached (${errno ?? 'unknown'})`, errno });
}

async function sent(
  message: AlertMessage,
  { url, secrets, allowInside, resolve, clock }: AlertWebhookOptions,
  stop: AbortSignal,
): Promise<Failure | undefined> {
  const to = new URL(url.reveal());
  const host = to.hostname.replace(/^\[(.*)\]$/, '$1');
  const addresses = isIP(host) ? [host] : await resolve(host);
  const inside = allowInside ? undefined : addresses.map(insideKind).find((kind) => kind !== undefined);
  if (inside !== undefined)
    return failureOf('config', {
      ...signal,
      message: `the receiver has an address that is ${inside}; ALERT_WEBHOOK_INSIDE=1 allows it`,
    });
  const client = new Client(to.origin, { connect: { lookup: pinned(addresses), timeout: 5000 }, allowH2: false });
  try {
    const answer = await client.request({
      method: 'POST',
      path: `${to.pathname}${to.search}`,
      headers: {
        'content-type': 'application/json',
        'user-agent': 'voicechart',
        ...signedHeaders(message, secrets, clock.now()),
      },
      body: message.body,
      signal: stop,
    });
    answer.body.on('error', () => undefined);
    return judged(answer.statusCode, (name) => answer.headers[name]?.toString());
  } finally {
    await client.destroy().catch(() => undefined);
  }
}

function judged(httpStatus: number, header: (name: string) => string | undefined): Failure | undefined {
  if (httpStatus >= 200 && httpStatus <= 299) return undefined;
  const afterMs = retryAfterMs(header);
  return classifyHttp({
    ...signal,
    message:
      httpStatus < 400
        ? `the receiver leads on with ${httpStatus}, which is not followed`
        : `the receiver answered with ${httpStatus}`,
    httpStatus,
    ...(afterMs === undefined ? {} : { retryAfterMs: afterMs }),
  });
}
