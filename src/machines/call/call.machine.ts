import { freshContext } from './context.ts';
import { conversation } from './conversation.ts';
import { hearing } from './hearing.ts';
import { leaving } from './leaving.ts';
import { line } from './line.ts';
import { recording } from './recording.ts';
import { type actors, chart } from './setup.ts';
import { voiceActivity as voice } from './voice-activity.ts';

/** Written into every record; one of another version is brought up to this (`runtime/upgrade.ts`). Raised when state or context change. */
export const callMachineVersion = 12;

const callMachine = chart.createMachine({
  id: 'call',
  context: ({ input }) => freshContext(input),
  initial: 'live',
  output: ({ context }) => ({ why: context.why ?? 'ended' }),
  on: {
    'playback.heard': { actions: 'noteHeard' },
    'playback.unheard': { actions: 'noteUnheard' },
    'reply.worded': { actions: 'noteWorded' },
    'reply.vendor_failed': { actions: 'noteVendorFailed' },
    'reply.vendor_worked': { actions: 'noteVendorWorked' },
    'call.avoid': { actions: 'noteAvoided' },
    'reply.tool_started': { actions: 'noteToolStarted' },
    'reply.tool_finished': { actions: 'noteToolFinished' },
  },
  states: {
    // The conversation comes last so that it is left first: a turn that is cut still reports to a line that listens.
    live: { type: 'parallel', states: { recording, line, voice, hearing, conversation } },
    leaving,
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
