import type { CallQueue } from './call-queue.ts';
import { StoreUnavailable } from './call-store.ts';
import type { Clock } from '../clock.ts';
import { createKeeper } from './keeper.ts';

interface WaitingLineOptions {
  readonly queue: Pick<CallQueue, 'enqueue'>;
  readonly clock: Clock;
  /** Aborts when nothing is to be asked any more. */
  readonly stopping: AbortSignal;
}

const askAgainMs = 1000;
const most = 1000;

/**
 * Sees that calls that are stored come into the queue. Where it is full they wait here, and are asked for again until there is a
 * place, which nobody waits for. Where a thousand wait it rejects with `StoreUnavailable`: whoever asked may ask again.
 */
export function createWaitingLine({ queue, clock, stopping }: WaitingLineOptions): (callKey: string) => Promise<void> {
  const waiting = new Set<string>();
  const keeper = createKeeper({
    async write() {
      for (const callKey of waiting) {
        // oxlint-disable-next-line no-await-in-loop -- in their order: the first place is for the first
        if ((await queue.enqueue(callKey)) === 'full') return 'failed';
        waiting.delete(callKey);
      }
      return 'kept';
    },
    clock,
    spacedMs: 0,
    retryMs: [askAgainMs],
  });
  stopping.addEventListener('abort', keeper.stop, { once: true });

  return async (callKey) => {
    if ((await queue.enqueue(callKey)) !== 'full' || stopping.aborted) return;
    if (waiting.size >= most && !waiting.has(callKey))
      throw new StoreUnavailable('full', `${most} calls out wait for a place in the queue`);
    waiting.add(callKey);
    keeper.ask();
  };
}
