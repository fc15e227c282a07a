import { raise } from 'xstate';
import { at } from '../deadlines.ts';
import { expectedNext } from './expectation.ts';
import { chart } from './setup.ts';

const heard = ['hearingWorks', 'absorb'] as const;

/** Another session, unless too many in a row have failed. */
const reopen = [
  { guard: 'mayHearAgain', target: '#hearing.attached.reopening' },
  { target: '#hearing.attached.deaf' },
] as const;

/** Any word, or verdict about words, shows that the stream is alive. */
const alive = chart.createStateConfig({
  on: {
    'stt.words': { target: '#hearing.attached.transcribing.open', actions: [...heard] },
    'stt.turn_maybe_ended': {
      target: '#hearing.attached.transcribing.open',
      actions: ['absorb', raise(({ event }) => ({ type: 'caller.turn_maybe_ended' as const, at: event.at }))],
    },
    'stt.turn_ended': {
      target: '#hearing.attached.transcribing.open',
      actions: [...heard, raise(({ event }) => ({ type: 'caller.turn_ended' as const, at: event.at }))],
    },
  },
}).on;

/** A stream that is open says something when the caller speaks; one that does not is opened anew. */
const open = chart.createStateConfig({
  initial: 'choosing',
  on: alive,
  states: {
    choosing: { always: [{ guard: 'voiceIsOn', target: 'voiced' }, { target: 'idle' }] },
    idle: { on: { 'caller.voice_started': 'voiced' } },
    voiced: {
      on: { 'caller.voice_stopped': [{ guard: 'spokeLong', target: 'owing' }, { target: 'idle' }] },
      after: { [at.voiceLasts]: 'owing' },
    },
    /**
     * Noise has no words either: after a few streams without any, what goes on and on is taken for noise. Whoever spoke and
     * is quiet now is given another stream each time, with the sound that the last one did not understand.
     */
    owing: {
      after: {
        [at.wordsOwed]: [
          { guard: 'mayBeStalled', target: '#hearing.attached.reopening' },
          { guard: 'voiceIsOff', target: '#hearing.attached.transcribing', reenter: true },
          { target: 'idle' },
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
      expected: expectedNext(context),
      settledAt: context.hearingSettledAt,
      languages: context.agent.languages,
      terms: context.agent.terms,
    }),
    onError: [...reopen],
  },
  on: {
    'agent.expects': { actions: 'tellTranscriber' },
    'stt.turn_resumed': { actions: raise(({ event }) => ({ type: 'caller.turn_resumed' as const, at: event.at })) },
    'stt.failed': [...reopen],
    // What was heard before, of a gateway or of the network, was not the callee.
    'caller.answered': { guard: 'isDialing', target: '#hearing.attached.transcribing', reenter: true },
  },
  states: {
    opening: { on: { 'stt.opened': 'open' }, after: { [at.hearingOpens]: [...reopen] } },
    open,
  },
});

/** Turns the transcriber's words into what the caller said. */
export const hearing = chart.createStateConfig({
  id: 'hearing',
  initial: 'attached',
  states: {
    attached: {
      initial: 'transcribing',
      on: { 'call.restored': { target: 'attached', reenter: true } },
      states: {
        transcribing,
        reopening: { entry: 'countHearing', after: { [at.hearingRetry]: 'transcribing' } },
        deaf: { entry: raise({ type: 'hearing.lost' }) },
      },
    },
  },
});
