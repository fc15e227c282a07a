import { readWav, type Sound } from '../../src/audio/wav.ts';
import { createToneDecoder } from '../tones/codec.ts';
import { invalid, type Provider, type Refusal } from './request.ts';

/** A recording to be written down, as it was asked for. */
export interface Dictation {
  readonly model: string;
  readonly sound: Sound;
  readonly language: string | undefined;
  readonly prompt: string | undefined;
  readonly format: string;
}

const mostFileBytes = 25_000_000;
const fields = new Set(['file', 'model', 'language', 'prompt', 'response_format', 'temperature', 'stream']);
const formats: Readonly<Record<string, readonly string[]>> = {
  whisper: ['json', 'text', 'verbose_json'],
  gpt: ['json', 'text'],
};
/** Shorter ones are refused, ms. */
const shortestMs: Readonly<Record<Provider, number>> = { openai: 100, groq: 10 };

/** Reads the form of a transcription, or says how the vendor would refuse it. */
export async function readDictation(provider: Provider, body: Uint8Array, type: string): Promise<Dictation | Refusal> {
  const form = await formOf(body, type);
  if (!form) return invalid('Could not parse multipart form');
  const odd = [...form.keys()].find((name) => !fields.has(name));
  if (odd) return invalid(`Unrecognized request argument supplied: ${odd}`, odd);
  const file = form.get('file');
  if (!(file instanceof Blob)) return invalid('you must provide a file', 'file');
  if (file.size > mostFileBytes) return { ...invalid('Maximum content size limit exceeded', 'file'), status: 413 };
  const sound = soundOf(new Uint8Array(await file.arrayBuffer()));
  if (typeof sound === 'string') return invalid(`Invalid file format: ${sound}`, 'file');
  const heldMs = (sound.pcm.length * 1000) / sound.sampleRateHz;
  if (heldMs < shortestMs[provider]) return invalid(`Audio file is too short: ${heldMs} ms`, 'file');
  return { sound, ...settingsOf(form) } as Dictation | Refusal;
}

function settingsOf(form: FormData): Omit<Dictation, 'sound'> | Refusal {
  const text = (name: string) => (typeof form.get(name) === 'string' ? String(form.get(name)) : undefined);
  const [model, language, format = 'json'] = [text('model'), text('language'), text('response_format')];
  if (!model) return invalid('you must provide a model parameter', 'model');
  if (!/whisper|transcribe/.test(model) && !model.startsWith('missing'))
    return invalid(`Invalid model: ${model} does not support the transcriptions API`, 'model');
  if (language !== undefined && !/^[a-z]{2,3}$/.test(language))
    return invalid(
      `Invalid language '${language}'. Language parameter must be specified in ISO-639 format.`,
      'language',
    );
  const known = formats[model.includes('whisper') ? 'whisper' : 'gpt']!;
  if (!known.includes(format)) return invalid(`response_format '${format}' is not compatible with model '${model}'`);
  return { model, language, prompt: text('prompt'), format };
}

/** The words that tones in the sound spell. Quiet, noise and voices hold none. */
export function wordsIn({ sampleRateHz, pcm }: Sound): string {
  if (sampleRateHz !== 8000 && sampleRateHz !== 16_000) return '';
  const decoder = createToneDecoder({ sampleRateHz });
  return [...decoder.push(pcm), ...decoder.flush()]
    .flatMap((event) => (event.type === 'word' ? [event.text] : []))
    .join(' ');
}

/** The answer in the format that was asked for. */
export function answerOf({ format, sound, language }: Dictation, text: string): { type: string; body: string } {
  if (format === 'text') return { type: 'text/plain', body: `${text}\n` };
  const duration = sound.pcm.length / sound.sampleRateHz;
  const segment = { id: 0, start: 0, end: duration, text, avg_logprob: -0.2, no_speech_prob: text ? 0.01 : 0.9 };
  const more = { task: 'transcribe', language: language ?? 'english', duration, segments: text ? [segment] : [] };
  const body = format === 'verbose_json' ? { ...more, text } : { text };
  return { type: 'application/json', body: JSON.stringify(body) };
}

async function formOf(body: Uint8Array, type: string): Promise<FormData | undefined> {
  try {
    return await new Response(body as Uint8Array<ArrayBuffer>, { headers: { 'content-type': type } }).formData();
  } catch {
    return undefined;
  }
}

function soundOf(file: Uint8Array): Sound | string {
  try {
    return readWav(file);
  } catch (error) {
    return String(error);
  }
}
