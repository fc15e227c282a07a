import { at } from '../deadlines.ts';
import { alertChart } from './setup.ts';

/** A dead man's switch: whoever misses the beat knows that this instance, or the way from it, is gone. */
export const heart = alertChart.createStateConfig({
  initial: 'asked',
  states: {
    asked: { always: [{ guard: 'beats', target: 'beating' }, { target: 'off' }] },
    off: {},
    beating: {
      invoke: { id: 'beat', src: 'beatHeart', onError: 'resting' },
      on: { 'alert.beat': 'resting' },
      after: { [at.alertSends]: 'resting' },
    },
    resting: { after: { [at.alertHeartbeat]: 'beating' } },
  },
});
