import { z } from 'zod';
import { outputRates } from './speech.ts';

const generation = z.object({
  context_id: z.string().regex(/^[\w.:-]{1,128}$/, 'letters, digits, _ . : - only, at most 128'),
  model_id: z.string().min(1),
  transcript: z.string(),
  voice: z.union([z.string().min(1), z.object({ id: z.string().min(1) })]),
  output_format: z.object({
    container: z.literal('raw'),
    encoding: z.literal('pcm_s16le'),
    sample_rate: z.number().refine((rate) => outputRates.includes(rate), `one of ${outputRates.join(', ')}`),
  }),
  language: z.string().optional(),
  add_timestamps: z.boolean().optional(),
  continue: z.boolean().optional(),
  flush: z.boolean().optional(),
  max_buffer_delay_ms: z.number().min(0).max(5000).optional(),
  generation_config: z.record(z.string(), z.unknown()).optional(),
});

export type Generation = z.infer<typeof generation>;
export type ClientMessage = { readonly cancel: string } | Generation;

/** An error event without its address. */
export interface WireError {
  readonly status_code: number;
  readonly error_code: string;
  readonly title: string;
  readonly message: string;
}

const cancellation = z.object({ cancel: z.literal(true), context_id: z.string() });

/** Reads a text frame, or gives the error the vendor would send, with the context it concerns where that can be read. */
export function readClientMessage(text: string): ClientMessage | { error: WireError; context_id?: string } {
  const json = parse(text);
  const cancel = cancellation.safeParse(json);
  if (cancel.success) return { cancel: cancel.data.context_id };
  const result = generation.safeParse(json);
  if (result.success) return result.data;
  const { context_id } = (json ?? {}) as { context_id?: unknown };
  const error = wireError(400, 'invalid_request', 'Invalid request', z.prettifyError(result.error));
  return typeof context_id === 'string' ? { error, context_id } : { error };
}

/** What may not change within a context. */
export const fixedFields = (request: Generation): string =>
  JSON.stringify([
    request.model_id,
    request.voice,
    request.output_format,
    request.language,
    request.add_timestamps,
    request.max_buffer_delay_ms,
  ]);

export const wireError = (status_code: number, error_code: string, title: string, message: string): WireError => ({
  status_code,
  error_code,
  title,
  message,
});

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
