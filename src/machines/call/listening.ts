import { and } from 'xstate';
import { at } from '../deadlines.ts';
import { collectingDigits } from './collecting-digits.ts';
import { chart } from './setup.ts';

/** The turn's words are taken and an answer is begun, for good or for the time being. */
const answer = { target: '#replying', actions: 'takeTurn' } as const;
const tentatively = { target: '#replying.thinking.tentative', actions: ['countTry', 'takeTurn'] } as const;
/** A voice that has had no words for so long is noise, and is not waited for. */
const answerInNoise = { target: '#replying.thinking.confirmed.clear', actions: 'takeTurn' } as const;
/** "Hold on a second" wants no answer. */
const hold = { guard: 'asksToHold', target: '#away', actions: 'takeTurn' } as const;
const answerTentatively = { guard: 'maySpeculate', ...tentatively } as const;

/** Nothing of what was said is lost, but it takes longer to become words. */
const assure = {
  guard: and(['wordsAreComing', 'mayAssure']),
  target: '#replying',
  actions: { type: 'ask', params: 'assure' },
} as const;

const askAgain = { target: '#replying', actions: ['countRepeat', { type: 'ask', params: 'repeat' }] } as const;

/** Whoever has spoken meanwhile is not waited for again. */
const choosing = chart.createStateConfig({
  always: [
    { guard: 'hasDigits', target: 'collectingDigits' },
    { guard: 'hasWords', target: 'callerTurn' },
    { guard: 'voiceIsOn', target: 'callerTalking' },
    { guard: 'wordsAreComing', target: 'settling' },
    { target: 'quiet' },
  ],
});

const back = [
  { guard: 'owesLastTurn', target: '#replying', actions: { type: 'ask', params: 'goOn' } },
  { target: 'quiet', reenter: true },
] as const;

/** Another owner of the call is to go on from here: it listens at once, and says nothing. */
const handedOver = (back: '#listening' | '#away' | '#collectingDigits') =>
  chart.createStateConfig({
    tags: ['handedOver'],
    on: { 'call.restored': back, 'caller.voice_started': '#callerTalking', 'caller.said': '#callerTurn' },
    after: { [at.handOver]: back },
  });

/** Nobody speaks. While our own link or the caller's is down, nobody could. */
const quiet = chart.createStateConfig({
  on: {
    'caller.voice_started': 'callerTalking',
    'caller.said': 'callerTurn',
    'call.hand_over': 'handedOver',
    // Whoever is just back has been silent for no time yet, and may not have heard the end of what was said.
    'line.reconnected': back,
    'caller.joined': back,
  },
  after: {
    [at.callerSilent]: [
      { guard: 'nobodyListens', target: 'quiet', reenter: true },
      { guard: 'mayNudge', target: '#replying', actions: ['countNudge', { type: 'ask', params: 'nudge' }] },
      {
        target: '#replying',
        actions: [
          { type: 'because', params: 'caller silent' },
          { type: 'ask', params: 'farewell' },
        ],
      },
    ],
  },
});

/** Sound without words for a while is noise: words from before it are answered. */
const callerTalking = chart.createStateConfig({
  id: 'callerTalking',
  initial: 'worded',
  on: {
    'caller.voice_stopped': 'settling',
    'caller.said': '.worded',
    'caller.turn_maybe_ended': [hold, answerTentatively, { guard: 'machineDecides', target: 'settling' }],
  },
  states: {
    worded: { after: { [at.voiceWordless]: [{ guard: 'hasWords', ...answerInNoise }, { target: 'wordless' }] } },
    wordless: {},
  },
  after: { [at.voiceEndless]: 'settling' },
});

/** The floor is the caller's. */
const callerTurn = chart.createStateConfig({
  id: 'callerTurn',
  always: [{ guard: 'voiceIsOn', target: 'callerTalking' }, { target: 'settling' }],
});

/** The voice has stopped; whether the turn has ended is told by the words, by more quiet, or by the transcriber. */
const settling = chart.createStateConfig({
  id: 'settling',
  initial: 'early',
  on: {
    'caller.voice_started': 'callerTalking',
    'caller.turn_maybe_ended': [hold, answerTentatively],
  },
  states: {
    early: { entry: 'noteSettling', after: { [at.turnTentative]: 'waiting' } },
    waiting: {
      initial: 'deciding',
      on: { 'caller.said': '.deciding' },
      states: {
        deciding: { always: [hold, { guard: 'mayAnswerByQuiet', ...tentatively }, { target: 'committing' }] },
        committing: {
          after: {
            [at.turnCommits]: [
              { guard: 'wordsAreComing', target: 'unsure' },
              { guard: 'machineDecides', ...answer },
              // The transcriber decides, but says nothing: an answer is got ready.
              { guard: 'hasWords', target: '#replying.thinking.tentative', actions: 'takeTurn' },
            ],
          },
        },
        /** The transcriber went silent in the middle of what was said: the rest of it is awaited. */
        unsure: { on: { 'stt.nothing': 'deciding' } },
      },
      after: {
        [at.wordsMissing]: [
          assure,
          { guard: 'spokeWithoutWords', ...askAgain },
          { guard: and(['earIsShut', 'spokeABitWithoutWords']), ...askAgain },
          { guard: 'hasNoWords', target: '#listening.quiet' },
        ],
        [at.turnEndsAnyway]: [{ guard: 'hasWords', ...answer }, { target: '#listening.quiet' }],
      },
    },
  },
});

/** "Hold on": silence is fine, until it lasts too long. */
const away = chart.createStateConfig({
  id: 'away',
  on: {
    'caller.said': 'callerTurn',
    'call.hand_over': 'handedOverAway',
    // Nothing was to be said, and nothing is: whoever is back says so.
    'call.restored': { target: 'away', reenter: true },
  },
  after: {
    [at.callerAway]: [
      { guard: 'nobodyListens', target: 'away', reenter: true },
      { target: '#replying', actions: { type: 'ask', params: 'nudge' } },
    ],
  },
});

export const listening = chart.createStateConfig({
  id: 'listening',
  initial: 'choosing',
  entry: [{ type: 'show', params: 'listening' }, 'expect'],
  on: {
    'caller.turn_ended': [hold, { guard: 'hasWords', ...answer }],
    'caller.digit': { target: '.collectingDigits', actions: 'addDigit' },
  },
  states: {
    choosing,
    quiet,
    callerTurn,
    callerTalking,
    settling,
    collectingDigits,
    away,
    handedOver: handedOver('#listening'),
    handedOverAway: handedOver('#away'),
    handedOverKeys: handedOver('#collectingDigits'),
  },
});
