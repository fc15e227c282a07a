import { z } from 'zod';
import { createSpeaker, type SpokenWord } from '../cartesia/speech.ts';
import type { Piece } from './chunks.ts';
import { invalid, parse, type Refusal } from './request.ts';

const voices = 'alloy ash ballad coral echo fable onyx nova sage shimmer verse marin cedar'.split(' ');
const rateHz = 24_000;

const shape = z.strictObject({
  model: z.string(),
  voice: z.enum(voices),
  input: z.string().min(1).max(4096),
  instructions: z.string().optional(),
  /** Of the vendor's six formats the one, and of its two ways of streaming, that are emulated. */
  response_format: z.literal('pcm'),
  stream_format: z.literal('sse'),
  speed: z.number().min(0.25).max(4).optional(),
});

export type SpeechRequest = z.infer<typeof shape>;

/** Reads the body of a request for speech, or says how the vendor would refuse it. */
export function readSpeech(text: string): SpeechRequest | Refusal {
  const result = shape.safeParse(parse(text));
  return result.success ? result.data : invalid(z.prettifyError(result.error), result.error.issues[0]?.path.join('.'));
}

export interface Spoken {
  readonly words: readonly SpokenWord[];
  /** Events with `chunkMs` of audio each, and the last one. */
  readonly pieces: readonly Piece[];
}

/** A text as tone words at 24 kHz, in events as the vendor streams them. */
export function spokenIn(text: string, nextNumber: () => number, chunkMs: number): Spoken {
  const { words, pcm } = createSpeaker(rateHz, nextNumber, { symbolMs: 20 }).say(text);
  const chunk = Math.max(1, Math.round((chunkMs * rateHz) / 1000));
  const deltas = Array.from({ length: Math.ceil(pcm.length / chunk) }, (_, index) => {
    const samples = pcm.subarray(index * chunk, (index + 1) * chunk);
    const audio = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength).toString('base64');
    return { data: { type: 'speech.audio.delta', audio }, token: true };
  });
  const usage = {
    input_tokens: words.length,
    output_tokens: deltas.length,
    total_tokens: words.length + deltas.length,
  };
  return { words, pieces: [...deltas, { data: { type: 'speech.audio.done', usage }, token: false }] };
}
