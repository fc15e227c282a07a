import type { Clock } from '../clock.ts';
import type { Failure } from '../failure.ts';
import { leaf, type Stamped } from './leaf.ts';
import { type Trouble, type Work, type Worked, workOn } from './trouble.ts';

/** Telephone calls do not come in or go out. */
export interface SipMending {
  /** Reads `sip.yaml`. Fails with its first problem, by file and line. */
  readonly checkConfig: Work;
  /** Reads `sip.yaml` again and makes LiveKit be as it says. Removes nothing: what is not in the file stays. */
  readonly reloadConfig: Work;
  /** Asks the gateway by OPTIONS over UDP whether it is there, and reads back from LiveKit that trunks and rules are as the file says. */
  readonly testConnection: Work;
  /** Whether the `backup:` set of `sip.yaml` would help: it is there, nothing stands in its way, and the gateway answers. Changes nothing. */
  readonly checkBackup: Work;
  /**
   * Makes LiveKit be as the `backup:` set says, removing nothing, and reads it back. By then the posture says that this set stands; it
   * goes on saying so when this fails, for LiveKit may be so in part.
   */
  readonly useBackupConfig: Work;
  /** Makes LiveKit be as the main set says again, where the backup set is needed no longer, and reads it back. */
  readonly leadBack: Work;
}

type Report =
  | ({ readonly type: 'lines.led_back' } & Worked)
  | { readonly type: 'lines.not_led_back'; readonly failure: Failure };

/** Of the way back, which goes on beside what else is mended. */
export type LinesFact = Stamped<Report>;

/** The actors of the path of telephones. */
export const mendSip = (sip: SipMending, clock: Clock) => ({
  checkSipConfig: workOn(sip.checkConfig, clock),
  reloadSipConfig: workOn(sip.reloadConfig, clock),
  testSipConnection: workOn(sip.testConnection, clock),
  checkBackupSipConfig: workOn(sip.checkBackup, clock),
  useBackupSipConfig: workOn(sip.useBackupConfig, clock),
  leadBackSipConfig: leaf<Report, { type: 'none' }, Trouble>(clock, ({ input, signal, report }) => {
    void sip
      .leadBack(input, { signal })
      .then((result) =>
        report(
          'did' in result
            ? { type: 'lines.led_back', did: result.did }
            : { type: 'lines.not_led_back', failure: result },
        ),
      );
  }),
});
