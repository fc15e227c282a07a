import { setTimeout as delay } from 'node:timers/promises';
import { decodeJwt } from 'jose';
import { createLivekitApi } from '../../src/adapters/livekit/api/api.ts';
import { systemClock } from '../../src/clock.ts';
import { webhookPath } from '../../src/http/webhooks.ts';
import type { KeyRing } from '../../src/key-ring.ts';
import type { Instance } from '../../src/wiring/instance.ts';
import type { ControlError } from '../../src/runtime/control-error.ts';
import { newRoomName } from './hub.ts';
import { sign, webhookBody } from './webhooks.ts';

/** What was done while keys changed, and what of it failed. */
export interface KeyLoad {
  readonly done: Record<'requests' | 'tokens' | 'webhooks', number>;
  /** Keys that requests and tokens were signed with. */
  readonly signers: ReadonlySet<string>;
  /** Each once. */
  readonly failures: ReadonlySet<string>;
  stop(): Promise<void>;
}

const pauseMs = 15;
const checksOfOne = 20;

/**
 * Requests to LiveKit's API, tokens that are issued and checked for longer than keys take to change, and webhooks that are signed by whichever key `signers` gives,
 * one after the other and all three at once, until it is stopped.
 */
export function startKeyLoad(options: {
  readonly url: string;
  readonly keys: KeyRing;
  readonly desk: Instance['tokens'];
  readonly webhooksUrl: string;
  /** Whose webhooks come: key and secret each. */
  readonly webhookKeys: () => readonly (readonly [string, string])[];
}): KeyLoad {
  const { url, keys, desk, webhooksUrl, webhookKeys } = options;
  const api = createLivekitApi({ url, clock: systemClock, key: keys.signing });
  const done = { requests: 0, tokens: 0, webhooks: 0 };
  const signers = new Set<string>();
  const failures = new Set<string>();
  let held: { readonly room: string; readonly token: string; readonly key: string } | undefined;
  const stop = new AbortController();

  async function request(): Promise<void> {
    await api.rooms.listRooms(['none']).catch((error: ControlError) => {
      // A node that goes closes its sockets: who may ask again does.
      if (!error.failure.retryable) throw error;
      return api.rooms.listRooms(['none']);
    });
  }
  async function newToken() {
    const room = newRoomName();
    const issued = await desk.issue({ preset: 'viewer', identity: 'ada', room });
    if (typeof issued === 'string') throw new Error(issued);
    return { room, token: issued.token, key: decodeJwt(issued.token).iss! };
  }
  async function token(): Promise<void> {
    // A desk keeps a thousand; each is checked for a while. A key leaves the ring when no token of it is valid any more.
    if (!held || !keys.all().has(held.key) || done.tokens % checksOfOne === 0) held = await newToken();
    const { room } = held;
    const found = await desk.check(held.token, { rights: ['roomJoin'], room });
    if ('fault' in found) throw new Error(found.code);
    signers.add(found.iss);
  }
  async function webhook(): Promise<void> {
    for (const [key, secret] of webhookKeys()) {
      const body = JSON.stringify(webhookBody('room_started', {}, 'others'));
      const headers = { authorization: await sign(body, key, secret) };
      const { status } = await fetch(`${webhooksUrl}${webhookPath}`, { method: 'POST', body, headers });
      if (status !== 200) throw new Error(`${status} for one by ${key}`);
    }
  }
  async function repeat(what: keyof typeof done, once: () => Promise<void>): Promise<void> {
    while (!stop.signal.aborted) {
      // oxlint-disable-next-line no-await-in-loop
      await once().then(
        () => (done[what] += 1),
        (error: Error) => failures.add(`${what}: ${error.message}`),
      );
      // oxlint-disable-next-line no-await-in-loop
      await delay(pauseMs);
    }
  }
  const running = [repeat('requests', request), repeat('tokens', token), repeat('webhooks', webhook)];
  return {
    done,
    signers,
    failures,
    async stop() {
      stop.abort();
      await Promise.all(running);
      await api.close();
    },
  };
}
