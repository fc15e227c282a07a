import { raise } from 'xstate';
import { roomOf } from '../../egress.ts';
import { at } from '../deadlines.ts';
import { egressChart } from './setup.ts';

/** A webhook may be lost: so it is looked up every now and then. One that is missing twice in a row is gone. */
export const watch = egressChart.createStateConfig({
  initial: 'blind',
  states: {
    blind: { always: { guard: 'isKnown', target: 'resting' } },
    resting: {
      // What LiveKit told meanwhile went to nobody.
      on: { 'egress.restored': 'looking' },
      after: { [at.egressPolled]: 'looking' },
    },
    looking: {
      invoke: {
        id: 'look',
        src: 'findEgress',
        input: ({ context: { order, info } }) => ({
          room: roomOf(order.source),
          ...(info && { egressId: info.egressId }),
        }),
        onError: 'resting',
      },
      on: {
        'egress.restored': { target: 'looking', reenter: true },
        'egress.told': { target: 'resting', actions: 'forgetAbsences' },
        'egress.unseen': 'resting',
        'egress.absent': [
          { guard: 'wasAbsent', target: 'resting', actions: raise({ type: 'egress.gone' }) },
          { target: 'resting', actions: 'countAbsence' },
        ],
      },
      after: { [at.egressLooked]: 'resting' },
    },
  },
});
