import { raise } from 'xstate';
import { at } from '../deadlines.ts';
import { chart } from './setup.ts';
import { voicing } from './voicing.ts';

/** Said to the end: the caller may speak, and the agent does not stop. */
const farewell = chart.createStateConfig({
  initial: 'asking',
  states: {
    asking: { always: { target: 'saying', actions: { type: 'ask', params: 'farewell' } } },
    saying: voicing('farewell', 'heedless', [{ target: '#closing.lastWord' }]),
  },
  after: { [at.farewellSaid]: '#call.leaving' },
});

/** "Thank you, bye" is let through; somebody who wants something more gets it. */
const lastWord = chart.createStateConfig({
  initial: 'hushed',
  always: { guard: 'saysMore', target: '#callerTurn', actions: 'goOn' },
  states: {
    hushed: {
      after: {
        [at.lastWord]: [
          { guard: 'voiceIsOn', target: 'voiced' },
          { target: '#call.leaving', actions: 'becauseFarewell' },
        ],
      },
    },
    voiced: { on: { 'caller.voice_stopped': 'hushed' } },
  },
  after: { [at.lastWordEnds]: { target: '#call.leaving', actions: 'becauseFarewell' } },
});

/** The call ends from our side. */
export const closing = chart.createStateConfig({
  id: 'closing',
  initial: 'farewell',
  on: {
    // No transition of its own: it would lose against those by which the line and the ears re-enter.
    'call.restored': { actions: raise(({ event }) => ({ type: 'call.hang_up' as const, at: event.at })) },
    'call.hang_up': { target: '#call.leaving', actions: 'becauseFarewell' },
    'call.give_up': '#call.leaving',
    'call.say': {},
    'call.transfer': {},
    'hearing.lost': {},
    // Words are kept: whether the call goes on is told by them after the goodbye.
    'caller.turn_ended': {},
  },
  states: { farewell, lastWord },
});
