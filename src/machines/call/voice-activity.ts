import { at } from '../deadlines.ts';
import { chart } from './setup.ts';

/** Our own ear for voice: it works in every state of the transcriber, deaf included. */
export const voiceActivity = chart.createStateConfig({
  initial: 'attached',
  states: {
    attached: {
      invoke: { id: 'voiceActivity', src: 'watchVoice', onError: 'broken' },
      entry: 'forgetVoice',
      initial: 'off',
      on: { 'call.restored': { target: 'attached', reenter: true } },
      states: {
        off: { on: { 'caller.voice_started': { target: 'on', actions: 'noteVoiceStart' } } },
        on: { on: { 'caller.voice_stopped': { target: 'off', actions: 'noteVoiceStop' } } },
      },
    },
    broken: { on: { 'call.restored': 'attached' }, after: { [at.voiceRetry]: 'attached' } },
  },
});
