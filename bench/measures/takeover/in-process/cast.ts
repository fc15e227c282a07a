import type { Clip } from '../../../../src/actors/play-clip.ts';
import type { ReplyModel } from '../../../../src/actors/reply-model.ts';
import type { Transcriber } from '../../../../src/actors/transcriber.ts';
import type { TimedWord, Voice } from '../../../../src/actors/voice.ts';
import { agent, cartesia, flux, nameOfVendor, openai } from '../../../../src/agent.ts';
import { samplesOf } from '../../../../src/audio/pcm.ts';
import type { Clock } from '../../../../src/clock.ts';
import type { ReadyCast } from '../../../../src/wiring/cast.ts';
import { answerTo } from './script.ts';
import { readFrame, soundOf, wordMs } from './sound.ts';

const firstTextMs = 250;
const firstSoundMs = 130;

const model = openai('gpt-5.4-mini');
const voice = cartesia('a0e99841-438c-4a64-b679-ae501e7d6091');

export const talker = agent({
  name: 'talker',
  language: ['en'],
  ears: [flux()],
  model: [model],
  voice: [voice],
  disclosure: 'I am an AI.',
  greeting: 'How can I help?',
  instructions: 'You answer.',
  speculate: false,
});

/** Vendors without a network: they take the time that vendors take, and know what the caller asks and what is answered. */
export const scriptedCast = (clock: Clock): ReadyCast => ({
  agent: talker,
  ears: [scriptedEar()],
  models: { find: () => scriptedModel(clock) },
  voices: { find: () => scriptedVoice(clock) },
  clips: { find: clipOf },
  missingClips: [],
  cold: [],
  connections: [],
  warm: async () => [],
  close: async () => undefined,
});

const scriptedEar = (): Transcriber => ({
  name: 'flux',
  decidesTurns: true,
  tellsEarly: true,
  open({ signal }, report) {
    let utterance = 0;
    queueMicrotask(() => void (signal.aborted || report({ type: 'stt.opened' })));
    return {
      write(pcm) {
        const spoken = readFrame(pcm);
        if (signal.aborted || !spoken) return;
        const text = spoken.word;
        if (spoken.frame === spoken.frames / 2) report({ type: 'stt.words', utterance, text, final: false });
        if (spoken.frame === spoken.frames - 1) report({ type: 'stt.turn_ended', utterance: utterance++, text });
      },
      expect: () => undefined,
      finalize: () => undefined,
    };
  },
});

const scriptedModel = (clock: Clock): ReplyModel => ({
  name: nameOfVendor(model),
  stream({ messages }, { signal }, report) {
    const asked = messages.findLast(({ role }) => role === 'user')?.text ?? '';
    clock.setTimeout(() => {
      if (signal.aborted) return;
      report({ type: 'model.text', text: answerTo(asked) });
      report({ type: 'model.finished', reason: 'stop' });
    }, firstTextMs);
  },
});

const scriptedVoice = (clock: Clock): Voice => ({
  name: nameOfVendor(voice),
  utter({ signal }, report) {
    let saidMs = 0;
    const later = (tell: () => void) => clock.setTimeout(() => void (signal.aborted || tell()), firstSoundMs);
    return {
      say: (text) =>
        void later(() => {
          const words = wordsOf(text).map((word, at) => timed(word, saidMs + at * wordMs));
          saidMs += words.length * wordMs;
          for (const word of words) report({ type: 'voice.audio', pcm: soundOf(word.text) });
          report({ type: 'voice.words', words });
        }),
      end: () => void later(() => report({ type: 'voice.done' })),
    };
  },
});

const wordsOf = (text: string): string[] => text.split(/\s+/).filter(Boolean);

const timed = (text: string, startMs: number): TimedWord => ({ text, startMs, endMs: startMs + wordMs });

function clipOf(text: string): Clip {
  const words = wordsOf(text);
  const pcm = Int16Array.from(words.flatMap((word) => [...soundOf(word)]));
  const placed = words.map((word, at) => ({
    text: word,
    startSample: samplesOf(at * wordMs),
    endSample: samplesOf((at + 1) * wordMs),
  }));
  return { text, pcm, words: placed };
}
