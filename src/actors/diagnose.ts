import type { Clock } from '../clock.ts';
import { type Work, workOn } from './trouble.ts';

/** What can be done about a target that was not well when the instance began. */
export interface Diagnostics {
  /** Writes to the log what is known: settings without secrets, addresses, the failure, how long it lasts. */
  readonly logDetails: Work;
  /**
   * Mends what may be mended without asking anybody: makes a missing dispatch rule again, drops a pool of stale sockets; then probes
   * the target. Says what it did. Fails when there was nothing to do or the target is as before.
   */
  readonly autoFix: Work;
}

/** The actors of the diagnostics. */
export const diagnose = ({ logDetails, autoFix }: Diagnostics, clock: Clock) => ({
  logDetails: workOn(logDetails, clock),
  autoFix: workOn(autoFix, clock),
});
