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
  on: { 'caller.turn_ended': {} },
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
  on: { 'call.restored': '#call.leaving', 'call.hang_up': '#call.leaving', 'call.say': {}, 'hearing.lost': {} },
  states: { farewell, lastWord },
});
