import { sendTo } from 'xstate';
import { at } from '../deadlines.ts';
import { chart } from './setup.ts';

const failed = { target: '#recording.failed', actions: 'noteRecordingFailed' } as const;

/**
 * The sound of the call is kept by LiveKit's recorder. It begins once the disclosure was heard, at most once in a call; whatever
 * becomes of it, the call goes on. What is kept when the call ends is for the recorder's own book to end.
 */
export const recording = chart.createStateConfig({
  id: 'recording',
  initial: 'off',
  states: {
    off: { always: { guard: 'recordingIsDue', target: 'kept' } },
    kept: {
      initial: 'starting',
      entry: 'noteRecording',
      invoke: {
        id: 'recording',
        src: 'record',
        input: ({ context }) => context.agent.recording ?? {},
        onError: failed,
      },
      on: {
        'call.restored': [
          { guard: 'recordingStops', target: '.stopping', reenter: true },
          { target: '.starting', reenter: true },
        ],
        'recording.ended': [
          { guard: 'recordingWorked', target: '#recording.off', actions: 'noteRecordingEnded' },
          failed,
        ],
      },
      states: {
        /** The recorder answers late, and where it may have begun without a word it is looked for. */
        starting: {
          on: { 'recording.started': 'on', 'call.stop_recording': 'stopping' },
          // It may still begin: then it is to end.
          after: { [at.recordingStarts]: 'stopping' },
        },
        on: { on: { 'call.stop_recording': 'stopping' } },
        stopping: {
          entry: sendTo('recording', { type: 'recording.stop' }),
          after: { [at.recordingStops]: failed },
        },
      },
    },
    failed: {},
  },
});
