import type { Clock } from '../clock.ts';
import type { Records } from '../runtime/records.ts';
import { type Drawer, drawerOf, type Kept } from './drawer.ts';
import { repeatProblems } from './repeat-problems.ts';
import { type Caller, isProblem, type Outcome } from './route.ts';

interface Once {
  readonly request: Request;
  readonly caller: Caller;
  /** As it was read. */
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

/** A name is remembered for a day; at most so many at once. */
const keepMs = 24 * 60 * 60_000;
const most = 10_000;

const [keyInvalid, stillRunning, outcomeUnknown, keyReused, full] = repeatProblems;

/** Keys are each caller's own, and each address's. Answers may hold secrets: whoever reads the records without the key learns nothing. */
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
      const { pathname, search } = new URL(asked.request.url);
      const drawer = drawerOf(key, `${asked.caller.id} ${asked.request.method} ${pathname}`);
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
