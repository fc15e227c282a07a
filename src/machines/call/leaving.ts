import { at } from '../deadlines.ts';
import { chart } from './setup.ts';

/** A caller whom nobody hangs up on stays in the silence of an empty room: so it is tried again. */
const again = [
  { guard: 'mayHangUpAgain', target: '#call.leaving.waiting', actions: 'countHangUp' },
  { target: '#call.ended' },
] as const;

/** The caller's line is ended; our own is left already. */
export const leaving = chart.createStateConfig({
  initial: 'hangingUp',
  on: { 'call.restored': '.hangingUp' },
  states: {
    hangingUp: {
      invoke: { id: 'hangUp', src: 'hangUp', onError: [...again] },
      on: { 'line.hung_up': '#call.ended', 'line.hang_up_failed': [...again] },
      after: { [at.roomLeft]: [...again] },
    },
    waiting: { after: { [at.hangUpRetry]: 'hangingUp' } },
  },
});
