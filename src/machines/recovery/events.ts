import type { HealthFact } from '../../actors/check-health.ts';
import type { WorkFact } from '../../actors/trouble.ts';
import type { Failure } from '../../failure.ts';
import type { Posture } from '../../posture.ts';
import type { Target } from '../../targets.ts';
import type { Status } from './context.ts';

/** What the instance tells recovery. */
export type RecoveryCommand =
  /** The health of one target has changed. */
  | {
      readonly type: 'status.changed';
      readonly target: Target;
      readonly status: Status;
      readonly failure?: Failure;
      readonly at: number;
    }
  /** An admin says that what was to be mended by hand is. */
  | { readonly type: 'admin.acknowledged'; readonly at: number }
  /** What stands already, by another instance or an earlier life: to be kept, and led back from. */
  | { readonly type: 'posture.found'; readonly posture: Posture; readonly at: number };

/** What one region tells the other. */
export type RecoverySignal = { readonly type: 'measure.taken' } | { readonly type: 'measures.reviewed' };

export type RecoveryEvent = HealthFact | WorkFact | RecoveryCommand | RecoverySignal;

/** One thing that was done, or was tried, as the machine tells whoever runs it. */
export interface RecoveryStep {
  readonly type: 'recovery.step';
  /** Name of the state that did it. */
  readonly box: string;
  readonly target: Target;
  /** Of what was done; else `failure` says why not. */
  readonly did?: string;
  readonly failure?: Failure;
}
