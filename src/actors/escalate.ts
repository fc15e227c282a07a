import type { Clock } from '../clock.ts';
import { type Work, workOn } from './trouble.ts';

/** Nothing here can mend it: people are told, and callers spared. */
export interface Escalation {
  /** Hands an alert to the sender, whose queue is bounded; does not wait until somebody has read it. */
  readonly sendAlert: Work;
  /**
   * Makes sure that new calls can be taken in failsafe mode: the stored greeting is there and the human's number is configured. What
   * new calls hear follows from the posture.
   */
  readonly activateFailsafe: Work;
  /**
   * Finds out whether everything of the target's kind has a backup that works: LiveKit's other host, another vendor. Done: the posture goes there. Fails when there is none; failsafe stays.
   */
  readonly switchToBackup: Work;
  /** Makes sure that the operations which cannot go on without the target are refused from now on, and says which they are. */
  readonly limitOperations: Work;
}

/** The actors of escalation and emergency. */
export const escalate = (escalation: Escalation, clock: Clock) => ({
  sendAlert: workOn(escalation.sendAlert, clock),
  activateFailsafe: workOn(escalation.activateFailsafe, clock),
  switchToBackup: workOn(escalation.switchToBackup, clock),
  limitOperations: workOn(escalation.limitOperations, clock),
});
