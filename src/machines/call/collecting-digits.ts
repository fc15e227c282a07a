import { at } from '../deadlines.ts';
import { chart } from './setup.ts';

/** Keys are being pressed, or were asked for. What is said meanwhile belongs to the same turn. */
export const collectingDigits = chart.createStateConfig({
  id: 'collectingDigits',
  initial: 'counting',
  on: {
    'call.restored': { target: '#replying', actions: ['forgetDigits', 'takeTurn', { type: 'ask', params: 'bridge' }] },
    'caller.digit': { target: '.counting', actions: 'addDigit' },
    // Somebody who was asked to type may speak instead.
    'caller.said': { guard: 'hasNoDigits', target: '#callerTurn' },
    'caller.turn_ended': [{ guard: 'hasDigits' }, { guard: 'hasWords', target: '#replying', actions: 'takeTurn' }],
  },
  states: {
    counting: {
      always: [
        { guard: 'digitsComplete', target: '#replying', actions: 'takeDigits' },
        { guard: 'hasDigits', target: 'between' },
        { target: 'first' },
      ],
    },
    first: {
      on: { 'call.hand_over': { guard: 'nothingIsSaid', target: '#listening.handedOverKeys' } },
      after: {
        [at.digitsFirst]: [
          { guard: 'nobodyListens', target: 'first', reenter: true },
          { guard: 'mayNudge', target: '#replying', actions: ['countNudge', { type: 'ask', params: 'nudge' }] },
          { target: '#listening.quiet' },
        ],
      },
    },
    // Not handed over: the next key could be pressed while nobody is there.
    between: { after: { [at.digitsBetween]: { target: '#replying', actions: 'takeDigits' } } },
  },
});
