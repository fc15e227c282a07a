import type { Kept } from '../actors/keep.ts';
import type { Clock } from '../clock.ts';
import type { CallLog, CallSummary } from './call-log.ts';
import type { Claim } from './call-queue.ts';
import { type CallStore, StoreUnavailable } from './call-store.ts';
import type { DialStore } from './dial-store.ts';
import { createKeeper } from './keeper.ts';

export interface EndingOptions {
  readonly store: Pick<CallStore, 'end'>;
  readonly log: Pick<CallLog, 'summary' | 'append'>;
  readonly dials: Pick<DialStore, 'settle'>;
  readonly clock: Clock;
  /** Aborts when the instance closes: what could not be written by then is found by the next. */
  readonly stopping: AbortSignal;
  /** Told each time that the end of a call could not be written; it is tried again. */
  readonly unwritten: (callKey: string, error: unknown) => void;
}

export interface Ending {
  /** What a call out has cost; left out for others. */
  readonly talkedMs?: number | undefined;
  /** Of a call that ended while nobody ran it: its log is to say so. Left out where whoever ran it has said it. */
  readonly unseen?: {
    readonly why: 'caller hung up' | 'room closed';
    /** When it was known to go on, ms since 1970. */ readonly since: number;
  };
}

const retryMs = [1000, 5000, 15_000, 60_000];

/**
 * Writes down that a call has ended, and before it is forgotten how, and what it has cost.
 * While the store cannot take it, it is tried again and again: until it is written the call takes a place of those that
 * may go on. Never rejects.
 */
export async function endCall(
  options: EndingOptions,
  claim: Pick<Claim, 'callKey' | 'epoch'>,
  ending: Ending,
): Promise<void> {
  const { clock, stopping, unwritten } = options;
  const end = async (): Promise<Kept> => {
    try {
      await write(options, claim, ending);
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
  options: EndingOptions,
  claim: Pick<Claim, 'callKey' | 'epoch'>,
  { talkedMs, unseen }: Ending,
): Promise<void> {
  const { store, dials } = options;
  if (talkedMs !== undefined) await dials.settle(claim.callKey, talkedMs);
  if (unseen) await endLog(options, claim, unseen);
  await store.end(claim.callKey, claim.epoch);
}

/** Its last owner may have died before it could, or after that. A log that takes nothing in holds up no end. */
async function endLog(
  { log, clock }: EndingOptions,
  { callKey, epoch }: Pick<Claim, 'callKey' | 'epoch'>,
  { why, since }: NonNullable<Ending['unseen']>,
): Promise<void> {
  const end = { at: clock.now(), kind: 'call', data: { what: 'ended', why } } as const;
  try {
    const summary = await log.summary(callKey);
    if (summary && !endsAfter(summary, since)) await log.append(callKey, epoch, [end]);
  } catch (error) {
    if (error instanceof StoreUnavailable && error.code === 'away') throw error;
  }
}

/** A call of the same name, of a day before, may have an end in the same log. */
export const endsAfter = ({ endedAt = -Infinity }: Pick<CallSummary, 'endedAt'>, since: number): boolean =>
  endedAt >= since;
