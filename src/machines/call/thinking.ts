import { at } from '../deadlines.ts';
import type { Broken } from './broken.ts';
import { yieldFloor } from './floor.ts';
import { chart } from './setup.ts';

const goesOn = { target: '#callerTurn', actions: 'untakeTurn' } as const;

/** The turn has probably ended. The reply is got ready and held back, its tools too, until that is certain. */
const tentative = (self: string) =>
  chart.createStateConfig({
    initial: 'hushed',
    on: {
      'caller.said': goesOn,
      'caller.amended': goesOn,
      'caller.turn_resumed': goesOn,
      'caller.turn_ended': 'confirmed',
    },
    states: {
      hushed: {
        on: { 'caller.voice_started': 'voiced' },
        after: { [at.turnConfirmed]: `#${self}.thinking.confirmed` },
      },
      voiced: {
        on: { 'caller.voice_stopped': 'hushed' },
        after: { [at.tentativeVoice]: goesOn },
      },
    },
    after: { [at.tentativeEnds]: 'confirmed' },
  });

/** The caller makes a sound just as we would begin: we wait, and do not talk over it. */
const guarded = (self: string) =>
  chart.createStateConfig({
    initial: 'choosing',
    states: {
      choosing: { always: [{ guard: 'voiceIsOn', target: 'lingering' }, { target: 'clear' }] },
      /** The turn has ended, by its words, while a voice goes on: most often its last sound. Without more words it is noise. */
      lingering: {
        entry: { type: 'tellPlayback', params: 'playback.pause' },
        on: { 'caller.voice_stopped': 'guardEnding' },
        after: { [at.tentativeVoice]: 'clear' },
      },
      clear: {
        entry: { type: 'tellPlayback', params: 'playback.release' },
        on: { 'caller.voice_started': 'guarded' },
      },
      guarded: {
        entry: { type: 'tellPlayback', params: 'playback.pause' },
        on: { 'caller.voice_stopped': 'guardEnding' },
        after: { [at.tentativeVoice]: [...yieldFloor(self)] },
      },
      guardEnding: { on: { 'caller.voice_started': 'guarded' }, after: { [at.floorGuard]: 'clear' } },
    },
  });

const heedless = chart.createStateConfig({
  initial: 'clear',
  states: { clear: { entry: { type: 'tellPlayback', params: 'playback.release' } } },
});

/** The player plays nothing while our own link is down, or nobody is in the room. */
const waitForLink = (self: string) =>
  ({ guard: 'nobodyListens', target: `#${self}.thinking.confirmed`, reenter: true }) as const;

/** Whoever listens again does so only now: what is ready has its time to be heard from then on. */
function listenedAgain(self: string) {
  const fromNow = { target: `#${self}.thinking.confirmed`, reenter: true } as const;
  return { 'caller.joined': fromNow, 'line.reconnected': fromNow };
}

/** How a turn may be begun: held back until it is certain, with an ear for the caller, or whatever the caller does. */
export type Beginning = 'tentative' | 'guarded' | 'heedless';

/** Nothing of the turn has been heard. `broken`: where to go when it never is. */
export const thinking = (self: string, beginning: Beginning, broken: Broken) =>
  chart.createStateConfig({
    initial: 'confirmed',
    on: { 'playback.started': { guard: 'fitsTurn', target: `#${self}.speaking` } },
    entry: { type: 'show', params: 'thinking' },
    states: {
      ...(beginning === 'tentative' ? { tentative: tentative(self) } : {}),
      confirmed: {
        entry: ['forgetTries', { type: 'tellReply', params: 'reply.confirm' }],
        ...(beginning === 'heedless' ? heedless : guarded(self)),
        ...(beginning === 'heedless' ? {} : { on: listenedAgain(self) }),
        after: {
          [at.replyReady]: [...(beginning === 'heedless' ? [] : [waitForLink(self)]), ...broken],
        },
      },
    },
  });
