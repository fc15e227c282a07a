import { at } from '../deadlines.ts';
import { utteranceId } from './input.ts';
import { replyChart } from './setup.ts';

const voiceDead = {
  target: '#reply.voice.clips',
  actions: { type: 'tellTroubled' as const, params: 'voice' as const },
};

/** How it is said. A stored phrase stands in where the voice fails, so that a reply never ends in silence. */
export const voice = replyChart.createStateConfig({
  initial: 'speaking',
  states: {
    speaking: {
      initial: 'silent',
      invoke: {
        id: 'speak',
        src: 'speak',
        input: ({ context }) => ({
          turn: context.turn,
          utteranceId: utteranceId(context),
          language: context.language,
        }),
        onError: 'clips',
      },
      on: {
        'words.owed': [
          { guard: 'confirmed', actions: ['noteOwed', { type: 'say', params: true }] },
          { actions: ['noteOwed', { type: 'say', params: false }] },
        ],
        'reply.confirm': [
          { guard: 'wordsEnded', actions: [{ type: 'say', params: true }, 'endVoice'] },
          { actions: { type: 'say', params: true } },
        ],
        'words.ended': { guard: 'confirmed', actions: 'endVoice' },
        'voice.failed': voiceDead,
        'voice.done': 'spoken',
      },
      states: {
        silent: { on: { 'voice.requested': 'awaiting' } },
        awaiting: {
          on: { 'voice.first_audio': 'flowing' },
          after: { [at.firstAudio]: voiceDead },
        },
        flowing: { on: { 'reply.starved': 'starved' } },
        /** The caller hears nothing although more is owed: by the model (a filler helps) or by the voice (it is dead). */
        starved: {
          on: { 'voice.requested': 'resuming' },
          after: { [at.soundOwed]: [{ guard: 'wordsEnded', ...voiceDead }, { actions: 'oweFiller' }] },
        },
        resuming: {
          on: { 'reply.starved': 'starved' },
          after: { [at.firstAudio]: 'flowing' },
        },
      },
    },
    clips: {
      initial: 'playing',
      invoke: {
        id: 'clip',
        src: 'playClip',
        input: ({ context }) => ({ turn: context.turn, language: context.language, texts: [context.phrases.apology] }),
        onError: 'spoken',
      },
      entry: {
        type: 'tell',
        params: ({ context }) => ({ type: 'reply.worded', turn: context.turn, text: context.phrases.apology }),
      },
      on: { 'clip.played_out': 'spoken' },
      states: { playing: { after: { [at.clipEnds]: '#reply.voice.spoken' } } },
    },
    spoken: {},
  },
});
