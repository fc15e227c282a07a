import { raise } from 'xstate';
import { at } from '../deadlines.ts';
import { chart } from './setup.ts';

/** A stream that is open says something when the caller speaks; one that does not is opened anew. */
const open = chart.createStateConfig({
  initial: 'idle',
  states: {
    idle: { on: { 'caller.voice_started': 'voiced' } },
    voiced: {
      on: { 'caller.voice_stopped': 'idle', 'stt.words': { target: 'idle', actions: ['hearingWorks', 'absorb'] } },
      after: { [at.voiceLasts]: 'owing' },
    },
    owing: {
      on: { 'stt.words': { target: 'idle', actions: ['hearingWorks', 'absorb'] } },
      after: {
        [at.wordsOwed]: [
          { guard: 'mayHearAgain', target: '#hearing.attached.reopening' },
          { target: '#hearing.attached.deaf' },
        ],
      },
    },
  },
});

const transcribing = chart.createStateConfig({
  initial: 'opening',
  entry: 'newHearing',
  invoke: {
    id: 'stt',
    src: 'transcribe',
    input: ({ context }) => ({
      session: context.hearingSession,
      settledAt: context.hearingSettledAt,
      languages: context.agent.languages,
      terms: context.agent.terms,
    }),
    onError: [{ guard: 'mayHearAgain', target: 'reopening' }, { target: 'deaf' }],
  },
  on: {
    'stt.words': { actions: ['hearingWorks', 'absorb'] },
    'stt.turn_maybe_ended': {
      actions: ['absorb', raise(({ event }) => ({ type: 'caller.turn_maybe_ended' as const, at: event.at }))],
    },
    'stt.turn_resumed': { actions: raise(({ event }) => ({ type: 'caller.turn_resumed' as const, at: event.at })) },
    'stt.turn_ended': {
      actions: ['hearingWorks', 'absorb', raise(({ event }) => ({ type: 'caller.turn_ended' as const, at: event.at }))],
    },
    'stt.failed': [{ guard: 'mayHearAgain', target: 'reopening' }, { target: 'deaf' }],
  },
  states: {
    opening: {
      on: { 'stt.opened': 'open' },
      after: {
        [at.hearingOpens]: [
          { guard: 'mayHearAgain', target: '#hearing.attached.reopening' },
          { target: '#hearing.attached.deaf' },
        ],
      },
    },
    open,
  },
});

/** Turns the transcriber's words into what the caller said; our own voice detector goes on in every state of it. */
export const hearing = chart.createStateConfig({
  id: 'hearing',
  initial: 'attached',
  states: {
    attached: {
      invoke: { id: 'voiceActivity', src: 'watchVoice' },
      initial: 'transcribing',
      on: {
        'call.restored': { target: 'attached', reenter: true },
        'caller.voice_started': { actions: 'noteVoiceStart' },
        'caller.voice_stopped': { actions: 'noteVoiceStop' },
      },
      states: {
        transcribing,
        reopening: { entry: 'countHearing', after: { [at.hearingRetryGrowing]: 'transcribing' } },
        deaf: { entry: raise({ type: 'hearing.lost' }) },
      },
    },
  },
});
