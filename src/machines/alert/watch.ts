import { at } from '../deadlines.ts';
import { alertChart } from './setup.ts';

/** Whether the limits of SPEC D9.3 are kept. */
export const watch = alertChart.createStateConfig({
  initial: 'resting',
  states: {
    resting: { after: { [at.alertMeasured]: 'measuring' } },
    measuring: {
      invoke: { id: 'measure', src: 'measureLimits', onError: 'resting' },
      on: { 'alert.measured': 'resting' },
      after: { [at.alertMeasures]: 'resting' },
    },
  },
});
