import { at } from '../deadlines.ts';
import { chart } from './setup.ts';

const restore = { type: 'tellPlayback', params: 'playback.restore' } as const;

const cutIn = { target: '#callerTurn', actions: ['cutTurn', 'countBargeIn'] } as const;
/** Next to nothing of the answer was heard: the caller goes on with the same turn. */
const goesOn = { guard: 'barelyHeard', target: '#callerTurn', actions: 'untakeTurn' } as const;

/** The caller takes the floor. Only an answer, in `replying`, may have come too early. */
export const yieldFloor = (self: string) => (self === 'replying' ? ([goesOn, cutIn] as const) : ([cutIn] as const));

/** Back to full voice. What was said meanwhile was a backchannel, or, said into the last second, the caller's next turn. */
const goOn = (self: string) =>
  [
    { guard: 'isBackchannel', target: `#${self}.speaking`, actions: ['noteBackchannel', restore] },
    { target: `#${self}.speaking`, actions: restore },
  ] as const;

/** The agent's voice drops and goes on while the machine decides. */
const ducked = (self: string) =>
  chart.createStateConfig({
    entry: ['noteDuck', { type: 'tellPlayback', params: 'playback.duck' }],
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
        after: { [at.restoreVoice]: [...goOn(self)] },
      },
    },
    after: {
      [at.floorVerdict]: [{ guard: 'voiceIsOn', target: `#${self}.bargeIn.silent` }, ...goOn(self)],
    },
  });

const from = (point: 'sample' | 'word' | 'clause') =>
  ['noteBackchannel', { type: 'resumePlayback', params: point }] as const;

/** The longer the silence was, the further back the agent begins; after a long one nobody knows what was meant. */
const resuming = (self: string) =>
  chart.createStateConfig({
    always: [
      { guard: 'silentForAMoment', target: `#${self}.speaking`, actions: [...from('sample')] },
      { guard: 'silentForAWord', target: `#${self}.speaking`, actions: [...from('word')] },
      { guard: 'silentForAClause', target: `#${self}.speaking`, actions: [...from('clause')] },
      { target: '#replying', reenter: true, actions: ['cutTurn', { type: 'ask', params: 'repeat' }] },
    ],
  });

/** The floor is the caller's, but no words have come. Nothing resumes while some may still be on their way. */
const silent = (self: string) =>
  chart.createStateConfig({
    entry: ['noteSilence', { type: 'tellPlayback', params: 'playback.pause' }],
    initial: 'voiced',
    states: {
      voiced: { on: { 'caller.voice_stopped': 'hushed' } },
      hushed: {
        on: { 'caller.voice_started': 'voiced' },
        after: {
          [at.restoreVoice]: { guard: 'nothingOutstanding', target: 'resuming' },
          [at.finalWait]: 'resuming',
        },
      },
      resuming: resuming(self),
    },
    after: { [at.silentEnds]: [...yieldFloor(self)] },
  });

/**
 * The caller is heard while the agent speaks: the voice drops, goes on, and the machine decides. Words that are no
 * backchannel take the floor at once, long voice silences, quiet or "mm-hm" restores, and doubt yields.
 */
export const bargeIn = (self: string) =>
  chart.createStateConfig({ initial: 'ducked', states: { ducked: ducked(self), silent: silent(self) } });

/** Ways in which the caller takes the floor by what is said, or does not. */
export const interruptions = (self: string) =>
  chart.createStateConfig({
    on: {
      ...(self === 'replying'
        ? { 'caller.amended': { guard: 'barelyHeard', target: '#replying', reenter: true, actions: 'forgetReply' } }
        : {}),
      'caller.said': [{ guard: 'listens' }, ...yieldFloor(self)],
      'caller.turn_ended': [
        { guard: 'isBackchannel', actions: 'noteBackchannel' },
        { guard: 'isRealSpeech', target: '#replying', reenter: true, actions: ['cutTurn', 'takeTurn'] },
      ],
      'caller.turn_maybe_ended': { guard: 'isBackchannel', actions: 'noteBackchannel' },
      'caller.digit': { target: '#collectingDigits', actions: ['cutTurn', 'addDigit'] },
    },
  }).on;
