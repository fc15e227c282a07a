import type { Kept } from '../actors/keep.ts';
import type { Clock } from '../clock.ts';
import type { Claim } from './call-queue.ts';
import type { CallStore } from './call-store.ts';
import type { DialStore } from './dial-store.ts';
import { createKeeper } from './keeper.ts';

export interface EndingOptions {
  readonly store: Pick<CallStore, 'end'>;
  readonly dials: Pick<DialStore, 'settle'>;
  readonly clock: Clock;
  /** Aborts when the instance closes: what could not be written by then is found by the next. */
  readonly stopping: AbortSignal;
  /** Told each time that the end of a call could not be written; it is tried again. */
  readonly unwritten: (callKey: string, error: unknown) => void;
}

const retryMs = [1000, 5000, 15_000, 60_000];

/**
 * Writes down that a call has ended, and before it is forgotten what a call out has cost (`talkedMs`, left out for others).
 * While the store cannot take it, it is tried again and again: until it is written the call takes a place of those that
 * may go on. Never rejects.
 */
export async function endCall(
  options: EndingOptions,
  claim: Pick<Claim, 'callKey' | 'epoch'>,
  talkedMs?: number,
): Promise<void> {
  const { clock, stopping, unwritten } = options;
  const end = async (): Promise<Kept> => {
    try {
      await write(options, claim, talkedMs);
      return 'kept';
    } catch (error) {
      unwritten(claim.callKey, error);
      return 'failed';
    }
  };
  const keeper = createKeeper({ write: end, clock, spacedMs: 0, retryMs });
  keeper.ask();
  const stop = () => void keeper.done().then(keeper.stop);
  stopping.addEventListener('abort', stop);
  if (stopping.aborted) stop();
  await keeper.kept();
  stopping.removeEventListener('abort', stop);
  keeper.stop();
}

async function write(
  { store, dials }: EndingOptions,
  { callKey, epoch }: Pick<Claim, 'callKey' | 'epoch'>,
  talkedMs: number | undefined,
): Promise<void> {
  if (talkedMs !== undefined) await dials.settle(callKey, talkedMs);
  await store.end(callKey, epoch);
}
