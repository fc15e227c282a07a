import { at } from '../deadlines.ts';
import { questionFor } from './question.ts';
import { chart } from './setup.ts';

/**
 * The caller is heard while the agent speaks: the voice drops, goes on, and the machine decides. Words that are no
 * backchannel take the floor at once, long voice silences, quiet or "mm-hm" restores, and doubt yields.
 */
const bargeIn = (self: string) =>
  chart.createStateConfig({
    initial: 'ducked',
    states: {
      ducked: {
        entry: { type: 'tellPlayback', params: 'playback.duck' },
        initial: 'voiced',
        states: {
          voiced: {
            on: {
              'caller.voice_stopped': [
                { guard: 'hearsEcho', target: `#${self}.speaking`, actions: restore },
                { target: 'hushed' },
              ],
            },
            after: { [at.yieldByLength]: `#${self}.bargeIn.silent` },
          },
          hushed: {
            on: { 'caller.voice_started': 'voiced' },
            after: { [at.restoreVoice]: { target: `#${self}.speaking`, actions: ['noteBackchannel', restore] } },
          },
        },
        after: { [at.floorVerdict]: 'silent' },
      },
      silent: {
        entry: ['noteSilence', { type: 'tellPlayback', params: 'playback.pause' }],
        initial: 'voiced',
        states: {
          voiced: { on: { 'caller.voice_stopped': 'hushed' } },
          hushed: {
            on: { 'caller.voice_started': 'voiced' },
            after: {
              [at.finalWait]: [
                resumeWhen(self, 'silentForAMoment', 'sample'),
                resumeWhen(self, 'silentForAWord', 'word'),
                resumeWhen(self, 'silentForAClause', 'clause'),
                { target: '#replying', actions: ['cutTurn', { type: 'ask', params: 'repeat' }] },
              ],
            },
          },
        },
        after: { [at.silentEnds]: { target: '#callerTurn', actions: 'cutTurn' } },
      },
    },
  });

const restore = { type: 'tellPlayback', params: 'playback.restore' } as const;

const resumeWhen = (
  self: string,
  guard: 'silentForAMoment' | 'silentForAWord' | 'silentForAClause',
  from: 'sample' | 'word' | 'clause',
) =>
  ({
    guard,
    target: `#${self}.speaking`,
    actions: ['noteBackchannel', { type: 'resumePlayback', params: from }],
  }) as const;

/** Nothing of the reply has been heard. `tentative`: the turn may go on, so it is held back, tools too. */
const thinking = (self: string) =>
  chart.createStateConfig({
    initial: 'confirmed',
    on: { 'playback.started': { guard: 'ofThisTurn', target: `#${self}.speaking` } },
    entry: { type: 'show', params: 'thinking' },
    states: {
      tentative: {
        initial: 'hushed',
        on: {
          'caller.turn_resumed': { target: '#callerTurn', actions: 'untakeTurn' },
          'caller.turn_ended': 'confirmed',
        },
        states: {
          hushed: {
            on: { 'caller.voice_started': 'voiced' },
            after: {
              [at.turnCommits]: [
                { guard: 'sttDecides', target: 'awaitingStt' },
                { target: `#${self}.thinking.confirmed` },
              ],
            },
          },
          /** The transcriber has said "probably": its verdict is awaited, not ours. */
          awaitingStt: { on: { 'caller.voice_started': 'voiced' } },
          voiced: {
            on: { 'caller.voice_stopped': 'hushed' },
            after: { [at.tentativeVoice]: { target: '#callerTurn', actions: 'untakeTurn' } },
          },
        },
        after: { [at.tentativeEnds]: 'confirmed' },
      },
      confirmed: {
        entry: ['forgetTries', { type: 'tellReply', params: 'reply.confirm' }],
        initial: 'clear',
        states: {
          clear: {
            entry: { type: 'tellPlayback', params: 'playback.release' },
            on: { 'caller.voice_started': 'guarded' },
          },
          /** The caller makes a sound just as we would begin: wait, and do not talk over it. */
          guarded: {
            entry: { type: 'tellPlayback', params: 'playback.pause' },
            on: { 'caller.voice_stopped': 'guardEnding' },
            after: { [at.tentativeVoice]: { target: '#callerTurn', actions: 'untakeTurn' } },
          },
          guardEnding: { on: { 'caller.voice_started': 'guarded' }, after: { [at.floorGuard]: 'clear' } },
        },
        after: { [at.replyReady]: '#listening' },
      },
    },
  });

/** Ways in which the caller takes the floor, or does not. */
const interruptions = chart.createStateConfig({
  on: {
    'caller.amended': { guard: 'barelyHeard', target: '#replying', reenter: true },
    'caller.said': [
      { guard: 'isBackchannel' },
      { guard: 'barelyHeard', target: '#callerTurn', actions: 'untakeTurn' },
      { guard: 'isRealSpeech', target: '#callerTurn', actions: ['cutTurn', 'countBargeIn'] },
    ],
    'caller.turn_ended': [
      { guard: 'isBackchannel', actions: 'noteBackchannel' },
      { guard: 'isRealSpeech', target: '#replying', reenter: true, actions: ['cutTurn', 'takeTurn'] },
    ],
    'caller.turn_maybe_ended': { guard: 'isBackchannel', actions: 'noteBackchannel' },
    'caller.digit': { target: '#collectingDigits', actions: ['cutTurn', 'addDigit'] },
  },
}).on;

type Next = {
  readonly guard?: 'hangsUpNext' | 'collectsNext' | 'hasGreeting';
  readonly target: string;
  readonly actions?: { type: 'ask'; params: 'greet' };
};

/**
 * A state in which the agent has a turn: the player and the reply run as long as it lasts, so leaving it in any way
 * stops both. `self` is its id, `next` where it goes when everything was heard, `yields` whether the caller may take the floor.
 */
export const voicing = (self: string, next: readonly Next[], yields = true) =>
  chart.createStateConfig({
    id: self,
    initial: 'thinking',
    entry: 'beginTurn',
    invoke: [
      { id: 'playback', src: 'play', input: ({ context }) => ({ turn: context.turn }), onError: '#listening' },
      { id: 'reply', src: 'reply', input: ({ context }) => questionFor(context), onError: '#listening' },
    ],
    on: {
      'playback.starved': { guard: 'ofThisTurn', actions: { type: 'tellReply', params: 'reply.starved' } },
      'playback.finished': next.map((each) => ({
        target: each.target,
        guard: each.guard ?? 'ofThisTurn',
        actions: ['finishTurn' as const, ...(each.actions ? [each.actions] : [])],
      })),
      ...(yields ? interruptions : {}),
      'reply.farewell_asked': { actions: 'hangUpNext' },
      'reply.digits_asked': { actions: 'noteDigitsWanted' },
      'reply.troubled': [
        { guard: 'tooMuchTrouble', actions: ['noteTrouble', 'hangUpNext', { type: 'because', params: 'in trouble' }] },
        { actions: 'noteTrouble' },
      ],
    },
    states: {
      thinking: thinking(self),
      speaking: {
        entry: { type: 'show', params: 'speaking' },
        on: yields ? { 'caller.voice_started': 'bargeIn' } : {},
        after: { [at.replySpoken]: '#listening' },
      },
      bargeIn: bargeIn(self),
    },
  });
