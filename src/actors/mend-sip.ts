import type { Clock } from '../clock.ts';
import { type Work, workOn } from './trouble.ts';

/** Telephone calls do not come in or go out. */
export interface SipMending {
  /** Reads `sip.yaml`. Fails with its first problem, by file and line. */
  readonly checkConfig: Work;
  /** Reads `sip.yaml` again and makes LiveKit be as it says. Removes nothing: what is not in the file stays. */
  readonly reloadConfig: Work;
  /** Asks the gateway by OPTIONS over UDP whether it is there, and reads back from LiveKit that trunks and rules are as the file says. */
  readonly testConnection: Work;
  /** Makes LiveKit be as the `backup:` set of `sip.yaml` says, removing nothing, and tests it. Fails when there is none. */
  readonly useBackupConfig: Work;
}

/** The actors of the path of telephones. */
export const mendSip = (sip: SipMending, clock: Clock) => ({
  checkSipConfig: workOn(sip.checkConfig, clock),
  reloadSipConfig: workOn(sip.reloadConfig, clock),
  testSipConnection: workOn(sip.testConnection, clock),
  useBackupSipConfig: workOn(sip.useBackupConfig, clock),
});
