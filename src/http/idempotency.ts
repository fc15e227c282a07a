import type { Clock } from '../clock.ts';
import type { Records } from '../runtime/records.ts';
import { type Drawer, drawerOf, type Kept, ownerOf } from './drawer.ts';
import { keyInvalid, repeatProblems } from './repeat-problems.ts';
import { createShares, keepMs } from './repeat-shares.ts';
import { type Caller, isProblem, type Outcome } from './route.ts';

/** A request that may name itself. */
export interface Once {
  readonly request: Request;
  readonly caller: Caller;
  /** As it was read. */
  readonly body: unknown;
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

const [, stillRunning, outcomeUnknown, keyReused, full] = repeatProblems;

/** The `Idempotency-Key` of a request, when it is one. */
export function nameOf({ headers }: Request): string | undefined {
  const name = headers.get('idempotency-key') ?? '';
  return /^[\x21-\x7e]{16,200}$/.test(name) ? name : undefined;
}

/** Keys are each caller's own, and each address's. Answers may hold secrets: whoever reads the records and cannot guess the key learns nothing. */
export function createRepeats(records: Records, clock: Pick<Clock, 'now'>): Repeats {
  const running = new Set<string>();
  const shares = createShares(records, clock, ownerOf);

  async function remove(name: string): Promise<void> {
    if (await records.remove(name)) shares.giveBack(ownerOf(name));
  }

  /** Takes a free name, or gives what lies there. */
  async function take(name: string, record: string): Promise<'taken' | 'full' | { readonly record: string }> {
    const there = await records.get(name);
    if (there && there.at + keepMs > clock.now()) return { record: there.text };
    if (there) await remove(name);
    if (!(await shares.take(ownerOf(name)))) return 'full';
    if (await records.add(name, record)) return 'taken';
    shares.giveBack(ownerOf(name));
    return take(name, record);
  }

  async function first({ run }: Once, drawer: Drawer, fingerprint: string): Promise<Outcome> {
    const outcome = await run();
    if (outcome instanceof Response) throw new Error('an answer of its own cannot be kept');
    if (isProblem(outcome)) await remove(drawer.name);
    else await records.put(drawer.name, drawer.seal({ fingerprint, answer: outcome } satisfies Kept));
    return outcome;
  }

  return {
    async once(asked) {
      if (!asked.request.headers.has('idempotency-key')) return asked.run();
      const key = nameOf(asked.request);
      if (key === undefined) return keyInvalid;
      const { pathname, search } = new URL(asked.request.url);
      const drawer = drawerOf(key, asked.caller.id, `${asked.request.method} ${pathname}`);
      if (running.has(drawer.name)) return stillRunning;
      running.add(drawer.name);
      try {
        const fingerprint = drawer.fingerprint([search, asked.body]);
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
