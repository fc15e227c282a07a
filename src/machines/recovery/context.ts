import type { Trouble } from '../../actors/trouble.ts';
import type { Failure } from '../../failure.ts';
import type { Measure } from '../../posture.ts';
import type { Target } from '../../targets.ts';

export type Status = 'healthy' | 'degraded' | 'unhealthy';

/** What was last heard of a target. */
export interface Known {
  readonly status: Status;
  readonly failure?: Failure;
  /** ms since 1970. */
  readonly since: number;
}

export interface RecoveryInput {
  /** Targets without which no new call is served well: see decision 022. */
  readonly vital: readonly Target[];
  /** Vendors that can do the same work here, a list for each kind of work. */
  readonly kinds: readonly (readonly Target[])[];
}

/** What was escalated and is not well yet. */
export interface Incident extends Trouble {
  readonly critical: boolean;
}

export interface RecoveryContext extends RecoveryInput {
  /** What is known of each target; what is not there is not known. */
  readonly statuses: { readonly [Name in Target]?: Known };
  /** What it is busy with. */
  readonly trouble?: Trouble | undefined;
  /** How often in a row it was tried to mend that. */
  readonly attempts: number;
  /** What happened meanwhile, each target once: never longer than there are targets. */
  readonly queue: readonly Trouble[];
  /** Each target once. */
  readonly incidents: readonly Incident[];
  readonly measures: readonly Measure[];
  /** How often in a row it was tried to make the main set of lines again. */
  readonly returns: number;
}

export const freshRecovery = ({ vital, kinds }: RecoveryInput): RecoveryContext => ({
  vital,
  kinds,
  statuses: {},
  attempts: 0,
  queue: [],
  incidents: [],
  measures: [],
  returns: 0,
});
