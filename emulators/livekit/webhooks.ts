import { createHash } from 'node:crypto';
import { WebhookEvent, type EgressInfo, type IngressInfo } from '@livekit/protocol';
import { SignJWT } from 'jose';
import type { Journal } from '../kit/journal.ts';
import { newId } from './ids.ts';

export interface WebhookKey {
  readonly apiKey: string;
  readonly apiSecret: string;
}

type Event = 'egress_started' | 'egress_updated' | 'egress_ended' | 'ingress_started' | 'ingress_ended';

export interface Webhooks {
  /** Puts an event into the queue of what it is about. `urls`: besides the configured ones. */
  egress(event: Event & `egress_${string}`, info: EgressInfo, urls?: readonly string[]): void;
  ingress(event: Event & `ingress_${string}`, info: IngressInfo): void;
  close(): void;
}

/** Waits before each new try: five tries in 15 s. */
const retryMs = [1000, 2000, 4000, 8000];
const staleMs = 30_000;
const mostWaiting = 200;
const lifeSeconds = 300;

interface Parcel {
  readonly event: string;
  readonly body: string;
  readonly sentMs: number;
}

interface Queue {
  waiting: number;
  last: Promise<void>;
}

/**
 * Sends as livekit-server does: one queue per address and egress or ingress, so that events of one come in order; repeated on 429, 5xx
 * (not 501) and a lost connection; what waited 30 s and what exceeds 200 is dropped.
 */
export function createWebhooks(options: {
  readonly urls: readonly string[];
  readonly key: WebhookKey;
  readonly journal: Journal;
}): Webhooks {
  const { urls, key, journal } = options;
  const ended = new AbortController();
  const queues = new Map<string, Queue>();

  function send(about: string, event: WebhookEvent, more: readonly string[] = []): void {
    const parcel = { event: event.event, body: event.toJsonString(), sentMs: Date.now() };
    for (const url of [...urls, ...more]) enqueue(url, about, parcel);
  }

  function enqueue(url: string, about: string, parcel: Parcel): void {
    const name = `${url} ${about}`;
    const queue: Queue = queues.get(name) ?? { waiting: 0, last: Promise.resolve() };
    queues.set(name, queue);
    if (queue.waiting >= mostWaiting) return dropped(url, parcel, 'queue full');
    queue.waiting += 1;
    queue.last = deliverAfter(queue.last);

    async function deliverAfter(earlier: Promise<void>): Promise<void> {
      await earlier;
      await deliver(url, parcel);
      queue.waiting -= 1;
      if (queue.waiting === 0) queues.delete(name);
    }
  }

  async function deliver(url: string, parcel: Parcel): Promise<void> {
    if (Date.now() - parcel.sentMs > staleMs) return dropped(url, parcel, 'waited too long');
    const token = await sign(key, parcel.body);
    for (const waitMs of [0, ...retryMs]) {
      await pause(waitMs, ended.signal);
      if (ended.signal.aborted) return;
      const status = await post(url, parcel.body, token, ended.signal);
      journal.note('webhook.sent', { url, event: parcel.event, status });
      if (status !== undefined && !worthRepeating(status)) return;
    }
    dropped(url, parcel, 'tries used up');
  }

  const dropped = (url: string, { event }: Parcel, why: string): void =>
    void journal.note('webhook.dropped', { url, event, why });

  return {
    egress: (event, egressInfo, more) =>
      send(egressInfo.egressId, new WebhookEvent({ ...stamp(event), egressInfo }), more),
    ingress: (event, ingressInfo) => send(ingressInfo.ingressId, new WebhookEvent({ ...stamp(event), ingressInfo })),
    close: () => ended.abort(),
  };
}

const stamp = (event: Event) => ({ event, id: newId('EV_'), createdAt: BigInt(Math.floor(Date.now() / 1000)) });

const worthRepeating = (status: number): boolean => status === 429 || (status >= 500 && status !== 501);

function sign({ apiKey, apiSecret }: WebhookKey, body: string): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ sha256: createHash('sha256').update(body).digest('base64') })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuer(apiKey)
    .setIssuedAt(now)
    .setNotBefore(now)
    .setExpirationTime(now + lifeSeconds)
    .sign(new TextEncoder().encode(apiSecret));
}

/** The status, or nothing when nobody answered. */
async function post(url: string, body: string, token: string, signal: AbortSignal): Promise<number | undefined> {
  try {
    const headers = { authorization: token, 'content-type': 'application/webhook+json' };
    const response = await fetch(url, { method: 'POST', headers, body, signal });
    await response.body?.cancel();
    return response.status;
  } catch {
    return undefined;
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms === 0 || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
}
