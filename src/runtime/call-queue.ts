import type { Intentions } from '../actors/run-tools.ts';
import type { Clock } from '../clock.ts';

/** The right to run one call. */
export interface Claim {
  readonly callKey: string;
  /** Grows with each claim of the call, persisted: fences older owners at `CallStore.commit`. */
  readonly epoch: number;
  /** As the store counted them (`Owning.crashes`). */
  readonly crashes: number;
  /** Which try of this process this is, from 1; grows when a handler failed. */
  readonly attempt: number;
  /** When it was last sure that nobody else has the call: ms since 1970 by the clock of this process. */
  confirmedAt(): number;
  /** Aborts when the claim is lost. Not when the queue stops claiming: a running call decides itself when to hand over. */
  readonly signal: AbortSignal;
  /** The call goes on elsewhere: when the handler settles it waits for its next owner instead of being done. */
  handOver(): void;
}

/** So long a claim lasts unless it is confirmed. */
export const leaseMs = 2000;

/** Nobody else has the call for sure. An owner who is not goes on talking, but begins nothing that cannot be undone. */
export const isSure = ({ confirmedAt }: Pick<Claim, 'confirmedAt'>, now: number): boolean =>
  now - confirmedAt() < 0.8 * leaseMs;

/** What an owner means to do is committed where it is stored, and he is still sure of the call once it is. */
export const intentionsOf = (
  claim: Pick<Claim, 'confirmedAt'>,
  stored: Intentions['committed'],
  clock: Pick<Clock, 'now'>,
): Intentions => ({ committed: async () => (await stored()) && isSure(claim, clock.now()) });

/** Says which calls are to be run, and lets each be run by one owner at a time. */
export interface CallQueue {
  /**
   * Asks that somebody runs the call. `known`: it waits or runs already. `full`: the queue is at its bound, nothing was
   * noted, ask again later.
   */
  enqueue(callKey: string): Promise<'queued' | 'known' | 'full'>;
  /**
   * Claims at most `capacity` calls at a time until `signal` aborts; resolves when the handlers have settled too.
   * A handler that resolves is done with the call (it has ended, or was handed over); one that rejects is tried again with
   * the next epoch, at most three times in this process, then the call is left to the store and `lost` is told.
   */
  run(options: RunOptions, handler: (claim: Claim) => Promise<void>): Promise<void>;
  /** Calls waiting and calls running; `oldestAt`, while any wait: since when the first of them does, ms since 1970. */
  size(): { readonly waiting: number; readonly running: number; readonly oldestAt?: number };
}

export interface RunOptions {
  readonly capacity: number;
  readonly signal: AbortSignal;
  readonly lost?: (callKey: string, error: unknown) => void;
}
