import type { HealthFact } from '../../actors/check-health.ts';
import type { LinesFact } from '../../actors/mend-sip.ts';
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
      /** It answers looks: calls alone say that it is not well. */
      readonly inCalls?: true;
      readonly at: number;
    }
  /** An admin says that what was to be mended by hand is. */
  | { readonly type: 'admin.acknowledged'; readonly at: number }
  /** From now on this instance writes the posture; what stands is to be kept, and led back from. */
  | { readonly type: 'lead.taken'; readonly posture: Posture; readonly at: number }
  /** Another one writes it, or nobody can. */
  | { readonly type: 'lead.lost'; readonly at: number };

/** What one region tells the other. */
export type RecoverySignal = { readonly type: 'measure.taken' } | { readonly type: 'measures.reviewed' };

export type RecoveryEvent = HealthFact | WorkFact | LinesFact | RecoveryCommand | RecoverySignal;

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

/** The main set of lines cannot be made again: the backup set goes on standing, and people are to know. */
export interface NotLedBack {
  readonly type: 'recovery.not_led_back';
  readonly target: Target;
  readonly failure: Failure;
}
