import { at } from '../deadlines.ts';
import { egressChart } from './setup.ts';

/** Whether it is to go on. To be ended it must be known. */
export const wish = egressChart.createStateConfig({
  initial: 'goOn',
  states: {
    goOn: { on: { 'egress.stop': 'stop' } },
    stop: {
      initial: 'waiting',
      states: {
        waiting: { always: { guard: 'isKnown', target: 'asking' } },
        asking: {
          invoke: {
            id: 'stop',
            src: 'stopEgress',
            input: ({ context }) => ({ egressId: context.info?.egressId ?? '' }),
            onError: 'again',
          },
          on: {
            'egress.restored': { target: 'asking', reenter: true },
            'egress.stop_taken': 'asked',
            'egress.stop_failed': 'again',
          },
          after: { [at.egressLooked]: 'again' },
        },
        again: { after: { [at.egressStopAgain]: 'asking' } },
        /** The file is written to its end, and carried to its storage. */
        asked: { after: { [at.egressEnds]: 'asking' } },
      },
    },
  },
});
