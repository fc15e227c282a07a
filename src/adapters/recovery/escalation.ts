import type { Escalation } from '../../actors/escalate.ts';
import type { Trouble, Work } from '../../actors/trouble.ts';
import type { LimitableOperation } from '../../posture.ts';
import type { Target } from '../../targets.ts';
import { bearing, noWay } from './work.ts';

export interface EscalationOptions {
  /** Hands it on, and does not wait for it. */
  readonly alert: (trouble: Trouble) => void;
  /** What new calls would hear in failsafe mode; nothing where nothing could be said. */
  readonly failsafe: () => string | undefined;
  /** What cannot go on without a target. */
  readonly operationsOf: (target: Target) => readonly LimitableOperation[];
  readonly detour: Work;
}

export function createEscalation(options: EscalationOptions): Escalation {
  const { alert, failsafe, operationsOf, detour } = options;
  return {
    sendAlert: bearing(async (trouble) => {
      alert(trouble);
      return { did: `an alert about ${trouble.target} is on its way` };
    }),
    activateFailsafe: bearing(async ({ target }) => {
      const heard = failsafe();
      return heard === undefined
        ? noWay(target, 'the notice for callers was never rendered')
        : { did: `new calls hear ${heard}` };
    }),
    switchToBackup: detour,
    limitOperations: bearing(async ({ target }) => {
      const operations = operationsOf(target);
      return {
        did:
          operations.length > 0
            ? `refused from now on: ${operations.join(', ')}`
            : `nothing is refused for ${target}: calls go on without it as they can`,
      };
    }),
  };
}
