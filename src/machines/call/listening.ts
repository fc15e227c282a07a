import { at } from '../deadlines.ts';
import { chart } from './setup.ts';

/** The turn's words are taken and an answer is begun, for good or for the time being. */
const answer = { target: '#replying', actions: 'takeTurn' } as const;
/** "Hold on a second" wants no answer. */
const hold = { guard: 'asksToHold', target: '#away', actions: 'takeTurn' } as const;
const answerTentatively = {
  guard: 'maySpeculate',
  target: '#replying.thinking.tentative',
  actions: ['countTry', 'takeTurn'],
} as const;

/** Nobody speaks. */
const quiet = chart.createStateConfig({
  on: { 'caller.voice_started': 'callerTalking', 'caller.said': 'callerTurn' },
  after: {
    [at.callerSilent]: [
      { guard: 'mayNudge', target: '#replying', actions: ['countNudge', { type: 'ask', params: 'nudge' }] },
      { target: '#closing', actions: { type: 'because', params: 'caller silent' } },
    ],
  },
});

const callerTalking = chart.createStateConfig({
  id: 'callerTalking',
  on: { 'caller.voice_stopped': 'settling', 'caller.turn_maybe_ended': [hold, answerTentatively] },
  after: { [at.voiceEndless]: 'settling' },
});

/** The floor is the caller's; whether the voice is still on is told by its two times. */
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
    early: { after: { [at.turnTentative]: 'waiting' } },
    waiting: {
      initial: 'deciding',
      on: { 'caller.said': { target: '.deciding' } },
      states: {
        deciding: {
          always: [hold, { ...answerTentatively, guard: 'mayAnswerByQuiet' }, { target: 'committing' }],
        },
        committing: {
          after: { [at.turnCommits]: { guard: 'machineDecides', ...answer } },
        },
      },
      after: {
        [at.wordsMissing]: [
          {
            guard: 'spokeWithoutWords',
            target: '#replying',
            actions: ['countRepeat', { type: 'ask', params: 'repeat' }],
          },
          { guard: 'hasNoWords', target: '#listening.quiet' },
        ],
        [at.turnEndsAnyway]: [{ guard: 'hasWords', ...answer }, { target: '#listening.quiet' }],
      },
    },
  },
});

/** Keys are being pressed, or were asked for. */
const collectingDigits = chart.createStateConfig({
  id: 'collectingDigits',
  initial: 'first',
  on: {
    'caller.digit': [
      { guard: 'digitsComplete', target: '#replying', actions: ['addDigit', 'takeDigits'] },
      { target: '.between', actions: 'addDigit' },
    ],
  },
  states: {
    first: {
      always: { guard: 'hasDigits', target: 'between' },
      after: { [at.digitsFirst]: [{ guard: 'hasWords', ...answer }, { target: '#listening.quiet' }] },
    },
    between: { after: { [at.digitsBetween]: { target: '#replying', actions: 'takeDigits' } } },
  },
});

/** "Hold on": silence is fine, until it lasts too long. */
const away = chart.createStateConfig({
  id: 'away',
  on: { 'caller.said': 'callerTurn' },
  after: { [at.callerAway]: { target: '#replying', actions: { type: 'ask', params: 'nudge' } } },
});

export const listening = chart.createStateConfig({
  id: 'listening',
  initial: 'quiet',
  entry: { type: 'show', params: 'listening' },
  on: {
    'caller.turn_ended': [hold, { guard: 'hasWords', ...answer }],
    'caller.digit': { target: '.collectingDigits', actions: 'addDigit' },
  },
  states: { quiet, callerTurn, callerTalking, settling, collectingDigits, away },
});
