import type { Clock } from '../../clock.ts';
import type { CallQueue, Claim, RunOptions } from '../../runtime/call-queue.ts';
import type { CallStore } from '../../runtime/call-store.ts';

const maxAttempts = 3;

interface QueueOptions {
  /** Where claims are numbered. */
  readonly store: Pick<CallStore, 'claim'>;
  readonly clock: Pick<Clock, 'now'>;
  /** Calls that may wait; more are answered `full`. */
  readonly maxWaiting?: number;
}

/** The queue of a single process: waiting calls are forgotten with it, and found again through `CallStore.list`. */
export function createInProcessQueue({ store, clock, maxWaiting = 1_000 }: QueueOptions): CallQueue {
  /** Waiting calls, first come first served, with the number of the try they wait for. */
  const waiting = new Map<string, { readonly attempt: number; readonly since: number }>();
  const running = new Set<string>();
  /** One for each `run`: takes what may be taken now. */
  const takers = new Set<() => void>();

  const wait = (callKey: string, attempt: number): void => {
    waiting.set(callKey, { attempt, since: clock.now() });
    takers.forEach((take) => take());
  };

  const run: CallQueue['run'] = (options, handler) => {
    const { capacity, signal } = options;
    const done = Promise.withResolvers<void>();
    let own = 0;
    const runOne = async (callKey: string, attempt: number): Promise<void> => {
      own += 1;
      running.add(callKey);
      const again = await runClaim({ store, clock }, { callKey, attempt }, options, handler);
      own -= 1;
      running.delete(callKey);
      if (again !== undefined) wait(callKey, again);
      take();
    };
    const take = (): void => {
      for (const [callKey, { attempt }] of waiting) {
        if (signal.aborted || own >= capacity) break;
        waiting.delete(callKey);
        void runOne(callKey, attempt);
      }
      if (signal.aborted && own === 0 && takers.delete(take)) done.resolve();
    };
    takers.add(take);
    signal.addEventListener('abort', take, { once: true });
    take();
    return done.promise;
  };

  return {
    async enqueue(callKey) {
      if (waiting.has(callKey) || running.has(callKey)) return 'known';
      if (waiting.size >= maxWaiting) return 'full';
      wait(callKey, 1);
      return 'queued';
    },
    run,
    size() {
      const [first] = waiting.values();
      return { waiting: waiting.size, running: running.size, ...(first && { oldestAt: first.since }) };
    },
  };
}

/** Runs one claim to its end, never rejects; the number of the try the call waits for now, if it does. */
async function runClaim(
  { store, clock }: Pick<QueueOptions, 'store' | 'clock'>,
  { callKey, attempt }: Pick<Claim, 'callKey' | 'attempt'>,
  { lost }: RunOptions,
  handler: (claim: Claim) => Promise<void>,
): Promise<number | undefined> {
  const over = new AbortController();
  let handedOver = false;
  try {
    const owning = await store.claim(callKey);
    if (owning === undefined) return undefined;
    const handOver = (): void => {
      handedOver = true;
    };
    await handler({ callKey, ...owning, attempt, confirmedAt: clock.now, signal: over.signal, handOver });
    return handedOver ? 1 : undefined;
  } catch (error) {
    if (attempt < maxAttempts) return attempt + 1;
    lost?.(callKey, error);
    return undefined;
  } finally {
    over.abort();
  }
}
