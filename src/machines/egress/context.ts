import type { EgressInfo, ShownOrder } from '../../egress.ts';
import type { Failure } from '../../failure.ts';

export interface EgressInput {
  /** Ours; LiveKit's comes with its first answer. */
  readonly id: string;
  readonly order: ShownOrder;
  /** Of the call that is recorded. */
  readonly callKey?: string;
  /** ms since 1970. */
  readonly askedAt: number;
}

/** All that is saved of an egress: plain JSON, without the keys of its addresses. */
export interface EgressContext extends EgressInput {
  /** What LiveKit last said of it. */
  readonly info?: EgressInfo;
  /** Why it could not be begun. */
  readonly failure?: Failure;
  /** Readings in a row in which it was not there. */
  readonly absences: number;
}

export const freshEgress = (input: EgressInput): EgressContext => ({ ...input, absences: 0 });
