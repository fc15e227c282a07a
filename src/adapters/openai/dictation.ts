import type OpenAI from 'openai';
import { z } from 'zod';
import { createDownsampler } from '../../audio/resample.ts';
import { writeWav } from '../../audio/wav.ts';

type Body = OpenAI.Audio.TranscriptionCreateParamsNonStreaming;

/** What is known beforehand of what will be heard. */
export interface Heard {
  readonly languages: readonly string[];
  readonly terms: readonly string[];
}

/** Both vendors read no more of it than about 224 tokens. */
const longestPrompt = 600;

/** A telephone's sound has nothing above 4 kHz: 8 kHz mu-law is a quarter of the upload, and soon there. */
export function dictationOf({ model, languages, terms }: Heard & { readonly model: string }, sound: Int16Array): Body {
  const wav = writeWav({ sampleRateHz: 8000, pcm: createDownsampler().push(sound) }, 'mulaw');
  return {
    file: new File([wav as Uint8Array<ArrayBuffer>], 'speech.wav', { type: 'audio/wav' }),
    model,
    response_format: isWhisper(model) ? 'verbose_json' : 'json',
    ...(languages.length === 1 ? { language: languages[0]!.split('-')[0]! } : {}),
    ...(terms.length > 0 ? { prompt: promptOf(terms) } : {}),
  } as Body;
}

/** Whisper tells how sure it is that somebody spoke; the others do not. */
const isWhisper = (model: string): boolean => model.includes('whisper');

const promptOf = (terms: readonly string[]): string => terms.join(', ').slice(0, longestPrompt);

const segment = z.object({ text: z.string(), no_speech_prob: z.number(), avg_logprob: z.number() });
const answer = z.object({ text: z.string(), segments: z.array(segment).optional() });

/** The text of an answer; empty for what Whisper makes up where nobody speaks. Throws for what is no answer. */
export function textOf(given: unknown): string {
  const read = answer.safeParse(given);
  if (!read.success) throw new SyntaxError('the answer has no text');
  const { text, segments } = read.data;
  if (!segments) return text.trim();
  return segments
    .filter((each) => !isMadeUp(each))
    .map((each) => each.text.trim())
    .join(' ');
}

/** Whisper's own rule for silence. */
const isMadeUp = ({ no_speech_prob, avg_logprob }: z.infer<typeof segment>): boolean =>
  no_speech_prob > 0.6 && avg_logprob < -1;
