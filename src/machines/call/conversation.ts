import { at } from '../deadlines.ts';
import { listening } from './listening.ts';
import { chart } from './setup.ts';
import { voicing } from './voicing.ts';

const close = (why: string) => ({ target: '.closing', actions: { type: 'because' as const, params: why } });

/** Who has the floor, and what for. */
export const conversation = chart.createStateConfig({
  id: 'conversation',
  initial: 'ringing',
  states: {
    ringing: {
      on: {
        'caller.answered': 'talking',
        'call.hang_up': { target: '#call.leaving', actions: { type: 'because', params: 'hung up by operator' } },
      },
      after: { [at.callerAnswers]: { target: '#call.leaving', actions: { type: 'because', params: 'not answered' } } },
    },
    talking: {
      initial: 'opening',
      on: {
        'call.restored': { target: '.replying', actions: ['cutTurn', { type: 'ask', params: 'bridge' }] },
        'call.say': { target: '.replying', actions: ['cutTurn', 'askToSay'] },
        'call.hang_up': close('hung up by operator'),
        'hearing.lost': close('deaf'),
      },
      after: { [at.maxCall]: close('call too long') },
      states: {
        opening: {
          initial: 'choosing',
          states: {
            choosing: {
              always: [
                { guard: 'hasDisclosure', target: 'disclosing', actions: { type: 'ask', params: 'disclose' } },
                { guard: 'hasGreeting', target: 'greeting', actions: { type: 'ask', params: 'greet' } },
                { target: '#listening' },
              ],
            },
            disclosing: voicing('disclosing', [
              { guard: 'hasGreeting', target: '#greeting', actions: { type: 'ask', params: 'greet' } },
              { target: '#listening' },
            ]),
            greeting: voicing('greeting', [{ target: '#listening' }]),
          },
        },
        listening,
        replying: voicing('replying', [
          { guard: 'hangsUpNext', target: '#closing.lastWord' },
          { guard: 'collectsNext', target: '#collectingDigits' },
          { target: '#listening' },
        ]),
        closing: {
          id: 'closing',
          initial: 'farewell',
          on: { 'call.restored': '#call.leaving', 'call.hang_up': '#call.leaving', 'call.say': {}, 'hearing.lost': {} },
          states: {
            /** Said to the end: the caller may speak, and the agent does not stop. */
            farewell: {
              initial: 'asking',
              states: {
                asking: { always: { target: 'saying', actions: { type: 'ask', params: 'farewell' } } },
                saying: voicing('farewell', [{ target: '#closing.lastWord' }], false),
              },
              after: { [at.farewellSaid]: '#call.leaving' },
            },
            lastWord: {
              on: {
                'caller.said': { guard: 'saysStop', target: '#callerTurn', actions: 'listenNext' },
                'caller.turn_ended': {},
              },
              after: { [at.lastWord]: { target: '#call.leaving', actions: 'becauseFarewell' } },
            },
          },
        },
      },
    },
  },
});
