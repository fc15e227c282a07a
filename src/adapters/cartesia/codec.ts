import type { GenerationRequest } from '@cartesia/cartesia-js/resources/tts';
import { z } from 'zod';
import type { TimedWord } from '../../actors/voice.ts';
import { sampleRateHz } from '../../audio/pcm.ts';

/** What stays the same for all requests of a context: a change is refused by the vendor. */
export interface Manner {
  readonly modelId: string;
  readonly voiceId: string;
  readonly language: string;
}

/** Whole clauses are sent, so the vendor need not wait for more: the buffer is 0. Voice is a plain id since 2026-08-14. */
const base = ({ modelId, voiceId, language }: Manner, contextId: string): Omit<GenerationRequest, 'transcript'> => ({
  model_id: modelId,
  voice: voiceId,
  language: language.split('-')[0] as NonNullable<GenerationRequest['language']>,
  output_format: { container: 'raw', encoding: 'pcm_s16le', sample_rate: sampleRateHz },
  add_timestamps: true,
  max_buffer_delay_ms: 0,
  context_id: contextId,
});

export const sayMessage = (manner: Manner, contextId: string, transcript: string) => ({
  ...base(manner, contextId),
  transcript,
  continue: true,
});

/** Asks for a mark (`flush_done`) behind the audio of what was said so far. */
export const flushMessage = (manner: Manner, contextId: string) => ({
  ...base(manner, contextId),
  transcript: '',
  continue: true,
  flush: true,
});

export const endMessage = (manner: Manner, contextId: string) => ({
  ...base(manner, contextId),
  transcript: '',
  continue: false,
});

export const cancelMessage = (contextId: string) => ({ cancel: true as const, context_id: contextId });

/** Of each message only what is read here is required. */
const message = z.discriminatedUnion('type', [
  z.object({ type: z.literal('chunk'), context_id: z.string(), audio: z.instanceof(Uint8Array) }),
  z.object({
    type: z.literal('timestamps'),
    context_id: z.string(),
    word_timestamps: z.object({
      words: z.array(z.string()),
      start: z.array(z.number()),
      end: z.array(z.number()),
    }),
  }),
  z.object({ type: z.literal('flush_done'), context_id: z.string() }),
  z.object({ type: z.literal('done'), context_id: z.string() }),
  z.object({
    type: z.literal('error'),
    context_id: z.string().nullish(),
    status_code: z.number().nullish(),
    error_code: z.string().nullish(),
    title: z.string().nullish(),
    message: z.string().nullish(),
  }),
]);

export type VoiceMessage = z.infer<typeof message>;
export type ErrorMessage = Extract<VoiceMessage, { type: 'error' }>;

const known: readonly unknown[] = ['chunk', 'timestamps', 'flush_done', 'done', 'error'];

/** Reads an event of the SDK. `unknown` is a kind that is none of ours; `unreadable` is one of ours with parts missing. */
export function readMessage(event: unknown): VoiceMessage | 'unknown' | 'unreadable' {
  const result = message.safeParse(event);
  if (result.success) return result.data;
  return known.includes((event as { type?: unknown } | null)?.type) ? 'unreadable' : 'unknown';
}

/** Word times of one context, shifted to where that context's audio begins in the utterance. */
export function wordsOf(message: Extract<VoiceMessage, { type: 'timestamps' }>, offsetMs: number): TimedWord[] {
  const { words, start, end } = message.word_timestamps;
  return words.flatMap((text, i) => {
    const [from, to] = [start[i], end[i]];
    if (from === undefined || to === undefined) return [];
    return [{ text, startMs: Math.round(offsetMs + from * 1000), endMs: Math.round(offsetMs + to * 1000) }];
  });
}
