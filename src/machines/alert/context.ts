import type { Failure } from '../../failure.ts';

export interface AlertInput {
  /** Left out: no heart beats. */
  readonly heartbeatMs?: number;
}

export interface AlertContext extends AlertInput {
  /** Messages in a row that did not arrive. */
  readonly failures: number;
  readonly failure?: Failure;
  /** Of the last failure, from 0 to 1: so that instances do not all come back at once. */
  readonly jitter: number;
}

export const freshAlerting = (input: AlertInput): AlertContext => ({ ...input, failures: 0, jitter: 0 });
