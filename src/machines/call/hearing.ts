import { and, raise } from 'xstate';
import { at } from '../deadlines.ts';
import { expectedNext } from './expectation.ts';
import { chart } from './setup.ts';

const heard = ['hearingWorks', 'absorb'] as const;

/** States in which a transcriber is open, or being opened: the first of the agent's ears, or another. */
type Self = 'transcribing' | 'backup';

const here = (self: Self, state = '') => `#hearing.attached.${self}${state}` as const;

/** This ear is given up for another one, which is given the sound that has not become words. */
const fallBack = { guard: 'mayFallBack', target: here('backup'), reenter: true, actions: 'changeEar' } as const;
const startOver = { guard: 'mayStartOver', target: here('transcribing'), reenter: true, actions: 'changeEar' } as const;
const another = (self: Self) => (self === 'backup' ? ([fallBack, startOver] as const) : ([fallBack] as const));

/** Another session, unless too many in a row have failed; another ear, unless all have. */
const reopen = (self: Self) =>
  [
    { guard: 'mayHearAgain', target: '#hearing.attached.reopening' },
    ...another(self),
    { target: '#hearing.attached.deaf' },
  ] as const;

/** Any word, or verdict about words, shows that the stream is alive. */
const alive = (self: Self) =>
  chart.createStateConfig({
    on: {
      'stt.words': { target: here(self, '.open'), actions: [...heard] },
      'stt.turn_maybe_ended': {
        target: here(self, '.open'),
        actions: ['absorb', raise(({ event }) => ({ type: 'caller.turn_maybe_ended' as const, at: event.at }))],
      },
      'stt.turn_ended': {
        target: here(self, '.open'),
        actions: [...heard, raise(({ event }) => ({ type: 'caller.turn_ended' as const, at: event.at }))],
      },
      'stt.nothing': { target: here(self, '.open'), actions: 'noteNothing' },
    },
  }).on;

/** A stream that is open says something when the caller speaks; one that does not is opened anew, or another one is asked. */
const open = (self: Self) =>
  chart.createStateConfig({
    initial: 'choosing',
    on: alive(self),
    states: {
      choosing: {
        always: [
          { guard: 'voiceIsOn', target: 'voiced' },
          { guard: 'owesMoreWords', target: 'owing' },
          { target: 'idle' },
        ],
      },
      /** Nobody speaks: the first ear may be tried again without harm, since what is said meanwhile is given to whichever opens. */
      idle: {
        on: { 'caller.voice_started': 'voiced' },
        ...(self === 'backup'
          ? {
              after: { [at.hearingCools]: { guard: 'mayTryFirst', target: here('transcribing'), actions: 'tryFirst' } },
            }
          : {}),
      },
      voiced: {
        on: { 'caller.voice_stopped': [{ guard: 'spokeUnheard', target: 'owing' }, { target: 'idle' }] },
        after: { [at.voiceLasts]: { guard: 'earTellsEarly', target: 'owing' } },
      },
      /**
       * Noise has no words either: after a few streams without any, what goes on and on is taken for noise. Whoever spoke and
       * is quiet now is given another stream each time, with the sound that the last one did not understand.
       */
      owing: {
        // Words that lag behind do not help.
        on: { 'stt.words': { guard: 'lagsBehind', actions: [...heard] } },
        after: {
          [at.wordsOwed]: [
            ...another(self).map((to) => ({ ...to, guard: and(['doubtsEar', to.guard]) })),
            { guard: 'mayBeStalled', target: '#hearing.attached.reopening' },
            { guard: 'voiceIsOff', target: here(self), reenter: true },
            { target: 'idle' },
          ],
        },
      },
    },
  });

/** Whoever has spoken meanwhile does not wait long for this ear, if there is another. */
const opening = (self: Self) =>
  chart.createStateConfig({
    initial: 'waiting',
    on: { 'stt.opened': here(self, '.open') },
    states: {
      waiting: {
        always: [
          ...(self === 'transcribing' ? [{ ...fallBack, guard: and(['earIsAvoided', 'mayFallBack']) }] : []),
          { guard: and(['voiceIsOff', 'wordsAreOwed']), target: 'owing' },
        ],
        on: { 'caller.voice_stopped': { guard: and(['spokeABit', 'doubtsEar']), target: 'owing' } },
      },
      owing: { after: { [at.earAwaited]: [...another(self)] } },
    },
    after: { [at.hearingOpens]: [...reopen(self)] },
  });

const hearingBy = (self: Self) =>
  chart.createStateConfig({
    initial: 'opening',
    entry: 'newHearing',
    invoke: {
      id: 'stt',
      src: 'transcribe',
      input: ({ context }) => ({
        session: context.hearingSession,
        ear: context.ears.ear,
        expected: expectedNext(context),
        settledAt: context.hearingSettledAt,
        languages: context.agent.languages,
        terms: context.agent.terms,
      }),
      onError: [...reopen(self)],
    },
    on: {
      'agent.expects': { actions: 'tellTranscriber' },
      'stt.turn_resumed': { actions: raise(({ event }) => ({ type: 'caller.turn_resumed' as const, at: event.at })) },
      'stt.failed': [...reopen(self)],
      // What was heard before, of a gateway or of the network, was not the callee.
      'caller.answered': { guard: 'isDialing', target: here(self), reenter: true },
    },
    states: { opening: opening(self), open: open(self) },
  });

/** The next session is waited for; another ear is not, once the caller has said something. */
const reopening = chart.createStateConfig({
  entry: 'countHearing',
  on: {
    'caller.voice_stopped': { ...fallBack, guard: and(['spokeABit', 'mayFallBack']) },
  },
  after: { [at.hearingRetry]: [{ guard: 'hearsByBackup', target: 'backup' }, { target: 'transcribing' }] },
});

/** Turns the transcriber's words into what the caller said. */
export const hearing = chart.createStateConfig({
  id: 'hearing',
  initial: 'attached',
  states: {
    attached: {
      initial: 'choosing',
      on: { 'call.restored': { target: 'attached', reenter: true } },
      states: {
        choosing: { always: [{ guard: 'hearsByBackup', target: 'backup' }, { target: 'transcribing' }] },
        transcribing: hearingBy('transcribing'),
        reopening,
        backup: hearingBy('backup'),
        deaf: { entry: raise({ type: 'hearing.lost' }) },
      },
    },
  },
});
