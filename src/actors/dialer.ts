import type { Failure } from '../failure.ts';

/**
 * Why a telephone that was called, or that a call was to be put through to, is not reached. `unknown`: it may have been
 * called, and nobody can say what came of it.
 */
export type NotReached = 'busy' | 'no_answer' | 'rejected' | 'unreachable' | 'failed' | 'unknown';

/** Attribute of a leg that we called: its key, from before the gateway has one of its own. */
export const legAttribute = 'voicechart.leg';

/** What came of calling somebody. Plain JSON. */
export type DialOutcome =
  | { readonly result: 'answered' }
  | {
      readonly result: NotReached;
      /** What the other side answered (RFC 3261), when it did. */
      readonly sipStatus?: number;
      /** One line for a person. Redacted. */
      readonly message?: string;
    };

export type DialFailure = Exclude<DialOutcome, { readonly result: 'answered' }>;

/** A leg of a call out, by its room and its key there: its call's, and nobody else's. */
export interface LegName {
  readonly room: string;
  readonly callerKey: string;
}

export interface LegOrder extends LegName {
  /** E.164, such as `+4930123456`. */
  readonly to: string;
  /** A number of the trunk; left out: the trunk's own choice. */
  readonly from?: string;
  /** Whole seconds. */
  readonly ringMs: number;
  /** How long the call may go on once it was answered: nobody else ends a leg whose call has been forgotten. */
  readonly maxCallMs: number;
}

/** Calls telephones. */
export interface Dialer {
  /**
   * Brings a telephone into a room: one request, never sent again. Resolves when it was answered, or with why not, some
   * seconds after `ringMs` at the latest. Once `signal` has aborted nothing is sent any more; what was sent cannot be taken
   * back: only the end of its room ends the ringing. Never rejects.
   */
  dial(order: LegOrder, options: { readonly signal: AbortSignal }): Promise<DialOutcome>;
  /** Whether the leg is in its room now. Never rejects; a failure says nothing about the leg. */
  find(leg: LegName): Promise<'there' | 'nowhere' | Failure>;
}
