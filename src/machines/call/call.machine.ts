import { at } from '../deadlines.ts';
import { freshContext } from './context.ts';
import { conversation } from './conversation.ts';
import { hearing } from './hearing.ts';
import { line } from './line.ts';
import { type actors, chart } from './setup.ts';

/** Written into every record; a record of another version is restored by its migration or from `listening`. */
export const callMachineVersion = 1;

const callMachine = chart.createMachine({
  id: 'call',
  context: ({ input }) => freshContext(input),
  initial: 'live',
  output: ({ context }) => ({ why: context.why ?? 'ended' }),
  on: {
    'playback.heard': { actions: 'noteHeard' },
    'reply.worded': { actions: 'noteWorded' },
    'reply.tool_started': { actions: 'noteToolStarted' },
    'reply.tool_finished': { actions: 'noteToolFinished' },
  },
  states: {
    // The conversation comes last so that it is left first: a turn that is cut still reports to a line that listens.
    live: { type: 'parallel', states: { line, hearing, conversation } },
    leaving: {
      invoke: { id: 'hangUp', src: 'hangUp', onError: 'ended' },
      on: {
        'line.hung_up': 'ended',
        'line.hang_up_failed': 'ended',
        'call.restored': { target: 'leaving', reenter: true },
      },
      after: { [at.roomLeft]: 'ended' },
    },
    ended: { type: 'final' },
  },
});

/** Every actor of a call, each required: one that is forgotten or of another shape does not compile. */
export type CallActors = typeof actors;

const wired = Symbol('wired');

/** The machine of one phone call, with its actors plugged in. */
export const createCall = (given: CallActors) =>
  Object.assign(callMachine.provide({ actors: given }), { [wired]: true as const });

export type CallMachine = ReturnType<typeof createCall>;

/** The bare machine, for charts and graph walks: its actors refuse to start. */
export const bareCall = callMachine;
