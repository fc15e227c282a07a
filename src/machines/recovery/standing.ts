import type { Trouble } from '../../actors/trouble.ts';
import { at } from '../deadlines.ts';
import { recoveryChart } from './setup.ts';

const leadBack: Trouble = { target: 'livekit-sip', since: 0 };

const notYet = { target: 'waiting', actions: ['countReturn', 'tellNotYet'] } as const;

/** The main set of lines is made again; until it stands the posture says that the backup set does. */
const leadingBack = recoveryChart.createStateConfig({
  initial: 'restoring',
  states: {
    restoring: {
      invoke: { id: 'leadBackSipConfig', src: 'leadBackSipConfig', input: leadBack, onError: notYet },
      on: {
        'lines.led_back': {
          target: '#recovery.standing.returning',
          actions: ['tellLedBack', 'forgetBackup', 'closeLines'],
        },
        'lines.not_led_back': notYet,
      },
      after: { [at.recoveryStep]: notYet },
    },
    waiting: {
      always: {
        guard: 'isReturnSpent',
        target: '#recovery.standing.notLedBack',
        actions: ['openLines', 'tellNotLedBack'],
      },
      after: { [at.leadBackBackoff]: 'restoring' },
    },
  },
});

/** Another instance writes the posture, and leads back from it. */
const lost = { target: 'returning', actions: ['forgetBackup', 'closeLines'] } as const;

/**
 * The way back. A posture stands for a while after the last thing that was added to it; then each measure is withdrawn as soon as
 * its target is well again, or it is over.
 */
export const standing = recoveryChart.createStateConfig({
  initial: 'normal',
  states: {
    normal: { on: { 'measure.taken': 'kept' } },
    kept: {
      entry: 'forgetReturns',
      on: { 'measure.taken': { target: 'kept', reenter: true }, 'lead.lost': { actions: 'forgetBackup' } },
      after: { [at.postureStands]: 'returning' },
    },
    returning: {
      entry: ['forgetReturns', 'liftMeasures'],
      always: [
        { guard: 'isBackupOver', target: 'leadingBack' },
        { guard: 'isCalm', target: 'normal' },
        { target: 'returnable' },
      ],
    },
    leadingBack: { ...leadingBack, on: { 'measure.taken': 'kept', 'lead.lost': lost } },
    notLedBack: {
      entry: 'forgetReturns',
      on: { 'measure.taken': 'kept', 'measures.reviewed': 'returning', 'lead.lost': lost },
      after: { [at.recoveryReconsiders]: 'returning' },
    },
    returnable: {
      on: {
        'measure.taken': 'kept',
        'measures.reviewed': 'returning',
        'lead.lost': { target: 'returning', actions: 'forgetBackup' },
      },
    },
  },
});
