import { setTimeout as pause } from 'node:timers/promises';
import type { Member } from './fleet.ts';

/** Tokens that are issued and revoked all the time, and asked for again and again by other instances. */
export interface TokenWatch {
  /** How often an instance said that a revoked one is not good. */
  refused(): number;
  /** Revoked ones that an instance called good. */
  accepted(): readonly string[];
  close(): Promise<void>;
}

const everyMs = 2_000;
const answersWithinMs = 2_500;
/** Each is asked for so often after it was revoked. */
const asks = 4;

interface Revoked {
  readonly id: string;
  readonly token: string;
  readonly room: string;
  readonly asks: number;
}

/** `random` chooses who is asked. What is not answered, by one who dies or has no Redis, says nothing. */
export function watchTokens(members: () => readonly Member[], random: () => number): TokenWatch {
  const end = new AbortController();
  const accepted: string[] = [];
  let refused = 0;
  let count = 0;
  let waiting: readonly Revoked[] = [];

  async function ask(method: string, path: string, body?: object): Promise<Record<string, unknown> | undefined> {
    const all = members();
    const member = all[Math.floor(random() * all.length)];
    if (!member) return undefined;
    const headers = { ...member.access.headers, 'content-type': 'application/json' };
    const signal = AbortSignal.timeout(answersWithinMs);
    const request = { method, headers, signal, ...(body && { body: JSON.stringify(body) }) };
    const answer = await fetch(`${member.api}${path}`, request).catch(() => undefined);
    if (!answer?.ok) return undefined;
    return ((await answer.json().catch(() => ({}))) ?? {}) as Record<string, unknown>;
  }

  async function revokeOne(): Promise<readonly Revoked[]> {
    count += 1;
    const room = `voice-ai-call-chaos-token-${count}`;
    const issued = await ask('POST', '/v1/tokens', { room, identity: `guest-${count}`, preset: 'viewer' });
    if (!issued) return [];
    const [id, token] = [String(issued['id']), String(issued['token'])];
    return (await ask('DELETE', `/v1/tokens/${id}`)) ? [{ id, token, room, asks }] : [];
  }

  async function askAgain(revoked: Revoked): Promise<readonly Revoked[]> {
    const answer = await ask('POST', '/v1/tokens/check', { token: revoked.token, room: revoked.room });
    if (answer?.['valid'] === false) refused += 1;
    if (answer?.['valid'] === true) accepted.push(revoked.id);
    return revoked.asks > 1 ? [{ ...revoked, asks: revoked.asks - 1 }] : [];
  }

  async function watch(): Promise<void> {
    while (!end.signal.aborted) {
      const [still, next] = await Promise.all([Promise.all(waiting.map(askAgain)), revokeOne()]);
      waiting = [...still.flat(), ...next];
      await pause(everyMs, undefined, { signal: end.signal }).catch(() => undefined);
    }
  }

  const watching = watch();
  return {
    refused: () => refused,
    accepted: () => accepted,
    async close() {
      end.abort();
      await watching;
    },
  };
}
