import { at } from '../deadlines.ts';
import { utteranceId } from './input.ts';
import { replyChart } from './setup.ts';

const voiceDead = {
  target: '#reply.voice.changing',
  actions: { type: 'tellFailed' as const, params: 'voice' as const },
};

/** The second voice takes long, too: until it is heard a stored phrase is. */
const covered = replyChart.createStateConfig({
  invoke: {
    id: 'cover',
    src: 'playClip',
    input: ({ context }) => ({
      turn: context.turn,
      language: context.language,
      texts: [context.phrases.filler],
      goesOn: true,
    }),
    onError: voiceDead,
  },
  on: { 'voice.first_audio': 'flowing' },
  after: { [at.secondAudio]: voiceDead },
});

/** What the caller hears of it, as far as the voice knows; silence while something is owed is filled or ended. */
const speaking = replyChart.createStateConfig({
  initial: 'silent',
  invoke: {
    id: 'speak',
    src: 'speak',
    input: ({ context }) => ({
      turn: context.turn,
      utteranceId: utteranceId(context, context.silenced),
      language: context.language,
      voice: context.voices[0]!,
      owed: context.handed,
      asides: [context.phrases.filler],
    }),
    onError: voiceDead,
  },
  on: {
    'words.owed': [
      { guard: 'confirmed', actions: ['noteOwed', { type: 'say', params: true }] },
      { actions: ['noteOwed', { type: 'say', params: false }] },
    ],
    'reply.confirm': [
      { guard: 'confirmed' },
      { guard: 'wordsEnded', actions: [{ type: 'say', params: true }, 'endVoice'] },
      { actions: { type: 'say', params: true } },
    ],
    'words.ended': { guard: 'confirmed', actions: 'endVoice' },
    'voice.failed': voiceDead,
    'voice.done': { target: 'spoken', actions: { type: 'tellWorked', params: 'voice' } },
  },
  states: {
    /** Nothing is owed yet: the model is slow, or a tool comes first. */
    silent: {
      entry: 'endIfSaid',
      on: {
        'voice.requested': 'awaiting',
        'words.ended': { guard: 'confirmed', target: 'awaiting', actions: 'endVoice' },
      },
      after: {
        [at.firstSound]: [
          { guard: 'wordsEnded', ...voiceDead },
          { guard: 'pressesKeys', target: 'silent', reenter: true },
          { actions: 'oweFiller' },
        ],
      },
    },
    awaiting: {
      on: { 'voice.first_audio': 'flowing' },
      after: { [at.firstAudio]: [{ guard: 'isSecondVoice', target: 'covered' }, voiceDead] },
    },
    covered,
    flowing: { on: { 'reply.starved': 'starved' } },
    /** The caller hears nothing although more is owed: by the model or a tool (a filler helps), or by the voice (it is dead). */
    starved: {
      id: 'starved',
      initial: 'due',
      entry: 'listenToVoice',
      on: {
        'voice.requested': 'awaiting',
        'voice.first_audio': 'recovering',
        'words.ended': { target: 'starved', reenter: true, actions: 'endVoice' },
      },
      states: {
        due: {
          after: {
            [at.soundOwed]: [
              { guard: 'wordsEnded', ...voiceDead },
              { guard: 'pressesKeys', target: '#starved', reenter: true },
              { guard: 'isUnfilled', actions: 'oweFiller' },
              { target: 'filled' },
            ],
          },
        },
        /** Words for it were said once in this round: the next ones are due later. */
        filled: {},
      },
      after: {
        [at.fillerAgain]: { target: 'starved', reenter: true, actions: 'oweFiller' },
      },
    },
    /** Sound has come again. Where it fails again at once, the voice is slower than it is played: nobody wants to hear that. */
    recovering: {
      on: { 'reply.starved': [{ guard: 'wordsEnded', ...voiceDead }, { target: 'starved' }] },
      after: { [at.soundSteady]: 'flowing' },
    },
  },
});

/** A stored phrase stands in where all voices fail, so that a turn never ends in silence. */
const clips = replyChart.createStateConfig({
  initial: 'playing',
  entry: [{ type: 'tellTroubled', params: 'voice' }, 'tellStandIns'],
  invoke: {
    id: 'clip',
    src: 'playClip',
    input: ({ context }) => ({
      turn: context.turn,
      language: context.language,
      texts: context.standIns,
      goesOn: false,
    }),
    onError: 'spoken',
  },
  on: { 'clip.played_out': 'spoken' },
  states: { playing: { after: { [at.clipEnds]: '#reply.voice.spoken' } } },
});

/** How it is said. */
export const voice = replyChart.createStateConfig({
  initial: 'speaking',
  states: {
    speaking,
    /** The next voice begins at the first word that is not whole; nothing is said twice. */
    changing: {
      always: [{ guard: 'hasNextVoice', target: 'speaking', actions: 'nextVoice' }, { target: 'clips' }],
    },
    clips,
    spoken: {},
  },
});
