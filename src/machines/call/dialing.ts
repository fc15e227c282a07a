import { at } from '../deadlines.ts';
import { dialInputOf } from './dial.ts';
import { chart } from './setup.ts';

const because = (why: string) => ({ type: 'because' as const, params: why });

/** Nobody can say whether the telephone rings: with its room it stops. */
const unknown = {
  target: '#call.leaving',
  actions: [{ type: 'noteOutcome' as const, params: { result: 'unknown' as const } }],
} as const;

/** No transition of its own: it would lose against that by which the line misses the caller. */
const legGone = { guard: 'ofOurLeg', actions: ['noteLegLeft', 'tellLegGone'] } as const;

/** Whatever was meant may have been done: it is looked for, and never done again. */
const lookedFor = { 'call.restored': { target: '#dialing.lookingUp', reenter: true } } as const;

/** Another process called the telephone, or nobody knows what came of it: is its leg in the room? It may be on its way. */
const lookingUp = chart.createStateConfig({
  initial: 'asking',
  states: {
    asking: {
      invoke: { id: 'findLeg', src: 'findLeg', onError: 'pausing' },
      on: { 'leg.found': '#dialing.adopted', 'leg.missing': 'pausing' },
      after: { [at.legAsked]: 'pausing' },
    },
    pausing: { after: { [at.legAgain]: 'asking' } },
  },
  after: { [at.legFound]: unknown },
});

/** Somebody is called. Our own voice is in the room before: whoever answers hears it at once. */
export const dialing = chart.createStateConfig({
  id: 'dialing',
  initial: 'connecting',
  on: {
    'caller.answered': [
      { guard: 'isDeaf', target: '#closing', actions: ['noteAnswer', because('deaf')] },
      { target: '#conversation.talking', actions: 'noteAnswer' },
    ],
    'call.hang_up': { target: '#call.leaving', actions: because('hung up by operator') },
    'call.give_up': { target: '#call.leaving', actions: because('crashed too often') },
  },
  states: {
    connecting: {
      always: { guard: 'linkIsUp', target: 'calling' },
      after: { [at.dialBegins]: { target: '#call.leaving', actions: because('could not join') } },
    },
    /** Stored as it stands here, it is meant; only then it is done. */
    calling: {
      invoke: {
        id: 'dial',
        src: 'dial',
        input: ({ context }) => dialInputOf(context),
        onError: 'lookingUp',
      },
      on: {
        ...lookedFor,
        'dial.answered': 'answered',
        // It may ring, or somebody may have answered: whoever is there is not hung up on.
        'dial.failed': [
          { guard: 'mayHaveDialled', target: 'lookingUp' },
          { target: '#call.leaving', actions: 'noteDialFailure' },
        ],
      },
      after: { [at.dialRings]: unknown },
    },
    /** The room is about to say so too. */
    answered: { on: lookedFor, after: { [at.callerSeen]: unknown } },
    lookingUp: { on: lookedFor, ...lookingUp },
    /** Found as it rings, or answered: only the room tells how that ends. */
    adopted: {
      on: {
        ...lookedFor,
        'caller.left': legGone,
        // A room tells its agents nothing of some refusals.
        'call.caller_gone': legGone,
        'leg.gone': '#call.leaving',
      },
      after: { [at.dialRings]: unknown },
    },
  },
});
