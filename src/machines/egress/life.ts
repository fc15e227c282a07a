import { roomOf } from '../../egress.ts';
import { at } from '../deadlines.ts';
import { egressChart } from './setup.ts';

const known = { guard: 'isNews', target: '#life.known', actions: 'note' } as const;
const there = { 'egress.told': known, 'egress.gone': 'lost' } as const;
const looking = '#life.finding' as const;

/**
 * It is asked for once. Where the answer stays out it is looked for in LiveKit's list, for as long as LiveKit may still give it to a
 * recorder; it is never asked for again.
 */
export const life = egressChart.createStateConfig({
  id: 'life',
  initial: 'asking',
  states: {
    asking: {
      tags: 'asking',
      invoke: { id: 'start', src: 'startEgress', onError: looking },
      on: {
        'egress.told': known,
        'egress.refused': { target: 'refused', actions: 'noteFailure' },
        'egress.unanswered': { target: 'finding', actions: 'noteFailure' },
        'egress.restored': 'finding',
      },
      after: { [at.egressAnswers]: looking },
    },
    finding: {
      initial: 'looking',
      on: { 'egress.told': known, 'egress.restored': { target: 'finding', reenter: true } },
      after: { [at.egressFound]: 'unknown' },
      states: {
        looking: {
          invoke: {
            id: 'find',
            src: 'findEgress',
            input: ({ context }) => ({ room: roomOf(context.order.source) }),
            onError: 'waiting',
          },
          on: { 'egress.absent': 'waiting', 'egress.unseen': 'waiting' },
          after: { [at.egressLooked]: 'waiting' },
        },
        waiting: { after: { [at.egressLookAgain]: 'looking' } },
      },
    },
    known: {
      always: [
        { guard: 'hasEnded', target: 'ended' },
        { guard: 'isEnding', target: 'ending' },
        { guard: 'isActive', target: 'active' },
        { target: 'starting' },
      ],
    },
    starting: { on: there },
    active: { on: there },
    ending: { on: there },
    /** Whatever LiveKit calls its end is in `info`. */
    ended: { type: 'final', tags: 'over' },
    refused: { type: 'final', tags: 'over' },
    /** A late word of it may still come. */
    unknown: { on: { 'egress.told': known }, after: { [at.egressForgotten]: 'forgotten' } },
    forgotten: { type: 'final', tags: 'over' },
    /** It was there, and LiveKit has it no longer. */
    lost: { type: 'final', tags: 'over' },
  },
});
