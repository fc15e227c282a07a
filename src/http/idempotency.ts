import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Records } from '../runtime/records.ts';
import type { Problem } from './problem.ts';
import { type Answer, type Caller, isProblem, type Outcome } from './route.ts';

interface Once {
  readonly request: Request;
  readonly caller: Caller;
  /** As it was read: the same values are the same body, however they were written. */
  readonly body: unknown;
  /** Whether the request must name itself. */
  readonly must: boolean;
  readonly run: () => Outcome | Promise<Outcome>;
}

/** Requests that make something, each made once however often it is sent. */
export interface Repeats {
  /**
   * Runs a request, or gives what the first one of its `Idempotency-Key` was answered. A problem means that nothing was made,
   * and frees the key. What throws may have been made: repeats are told so for a day, and never run.
   */
  once(request: Once): Promise<Outcome>;
}

interface Kept {
  readonly fingerprint: string;
  /** Missing while the first one runs, and for ever when it did not end. */
  readonly answer?: Answer;
}

/** A name is remembered for a day; at most so many at once. */
const keepMs = 24 * 60 * 60_000;
const most = 10_000;

export const repeatProblems = [
  {
    status: 400,
    code: 'idempotency_key_invalid',
    title: 'An Idempotency-Key has 16 to 200 printable characters without spaces',
    field: 'Idempotency-Key',
    fix: 'Send a new UUID for each thing you want made',
  },
  {
    status: 409,
    code: 'request_running',
    title: 'The first request of this Idempotency-Key still runs',
    field: 'Idempotency-Key',
    fix: 'Send it again in a moment for its answer',
    retryable: true,
  },
  {
    status: 409,
    code: 'outcome_unknown',
    title: 'The first request of this Idempotency-Key was cut off: it may have been carried out',
    field: 'Idempotency-Key',
    fix: 'Look whether it was; to have it done anew, use another key',
    retryable: false,
  },
  {
    status: 422,
    code: 'idempotency_key_reused',
    title: 'This Idempotency-Key came before with another body',
    field: 'Idempotency-Key',
    fix: 'Use a new key for each thing you want made',
  },
  {
    status: 503,
    code: 'repeats_full',
    title: 'More requests that name themselves cannot be remembered now',
    fix: 'Try again later, or without Idempotency-Key where it may be left out',
  },
] as const satisfies readonly Problem[];

const [keyInvalid, stillRunning, outcomeUnknown, keyReused, full] = repeatProblems;

/**
 * Answers may hold secrets: they are sealed with what is derived from the key itself, which is not kept. Whoever reads the
 * store without the key learns nothing.
 */
export function createRepeats(records: Records, clock: Pick<Clock, 'now'>): Repeats {
  const running = new Set<string>();
  let count = most;

  /** Makes room by what has expired; false when there is none. */
  async function hasRoom(): Promise<boolean> {
    if (count >= most) count = await records.sweep(clock.now() - keepMs);
    return count < most;
  }

  /** Takes a free name, or gives what lies there. */
  async function take(name: string, record: string): Promise<'taken' | 'full' | { readonly record: string }> {
    const there = await records.get(name);
    if (there && there.at + keepMs > clock.now()) return { record: there.text };
    if (there) await records.remove(name);
    if (!(await hasRoom())) return 'full';
    count += 1;
    return (await records.add(name, record)) ? 'taken' : take(name, record);
  }

  async function first({ run }: Once, drawer: Drawer, fingerprint: string): Promise<Outcome> {
    const outcome = await run();
    if (outcome instanceof Response) throw new Error('an answer of its own cannot be kept');
    if (isProblem(outcome)) await records.remove(drawer.name);
    else await records.put(drawer.name, drawer.seal({ fingerprint, answer: outcome } satisfies Kept));
    return outcome;
  }

  return {
    async once(asked) {
      const key = asked.request.headers.get('idempotency-key');
      if (key === null && !asked.must) return asked.run();
      if (key === null || !/^[\x21-\x7e]{16,200}$/.test(key)) return keyInvalid;
      const drawer = drawerOf(key, asked);
      if (running.has(drawer.name)) return stillRunning;
      running.add(drawer.name);
      try {
        const fingerprint = drawer.fingerprint(asked.body);
        const taking = await take(drawer.name, drawer.seal({ fingerprint } satisfies Kept));
        if (taking === 'full') return full;
        return taking === 'taken'
          ? await first(asked, drawer, fingerprint)
          : again(drawer.unseal(taking.record), fingerprint);
      } finally {
        running.delete(drawer.name);
      }
    },
  };
}

function again(kept: Kept | undefined, fingerprint: string): Outcome {
  if (kept === undefined) return outcomeUnknown;
  if (kept.fingerprint !== fingerprint) return keyReused;
  if (kept.answer === undefined) return outcomeUnknown;
  return { ...kept.answer, headers: { ...kept.answer.headers, 'idempotency-replayed': 'true' } };
}

type Drawer = ReturnType<typeof drawerOf>;

/** Where the answer of a key lies, and how it is locked: by key, caller and address. */
function drawerOf(key: string, { request, caller }: Once) {
  const salt = `${caller.id} ${request.method} ${new URL(request.url).pathname}`;
  const derive = (purpose: string) => Buffer.from(hkdfSync('sha256', key, salt, `voicechart ${purpose}`, 32));
  const lock = derive('lock');
  return {
    name: derive('name').toString('base64url'),
    fingerprint: (body: unknown): string =>
      createHmac('sha256', lock)
        .update(JSON.stringify(body) ?? '')
        .digest('base64url'),
    seal(kept: Kept): string {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', lock, nonce);
      const sealed = Buffer.concat([cipher.update(JSON.stringify(kept), 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64');
    },
    unseal(record: string): Kept | undefined {
      try {
        const bytes = Buffer.from(record, 'base64');
        const decipher = createDecipheriv('aes-256-gcm', lock, bytes.subarray(0, 12));
        decipher.setAuthTag(bytes.subarray(12, 28));
        return JSON.parse(Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8'));
      } catch {
        return undefined;
      }
    },
  };
}
