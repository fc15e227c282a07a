import { at } from '../deadlines.ts';
import { recoveryChart } from './setup.ts';

/**
 * The way back. A posture stands for a while after the last thing that was added to it; then each measure is withdrawn as soon as
 * its target is well again, or it is over.
 */
export const standing = recoveryChart.createStateConfig({
  initial: 'normal',
  states: {
    normal: { on: { 'measure.taken': 'kept' } },
    kept: {
      on: { 'measure.taken': { target: 'kept', reenter: true } },
      after: { [at.postureStands]: 'returning' },
    },
    returning: { entry: 'liftMeasures', always: [{ guard: 'isCalm', target: 'normal' }, 'returnable'] },
    returnable: { on: { 'measure.taken': 'kept', 'measures.reviewed': 'returning' } },
  },
});
