import type { IncomingMessage } from 'node:http';
import { configuration, refusedThresholds } from './flux-thresholds.ts';

/** An answer instead of an upgrade, as the vendor words it. */
export interface Refused {
  readonly status: number;
  readonly code: string;
  readonly text: string;
}

const monolingual = [
  'en',
  'en-US',
  'en-GB',
  'de',
  'es',
  'fr',
  'hi',
  'it',
  'ja',
  'nl',
  'pl',
  'pt',
  'ru',
  'sv',
  'tr',
  'uk',
];
const multilingual = ['en', 'es', 'fr', 'de', 'hi', 'ru', 'pt', 'ja', 'it', 'nl'];
const novaModels = /^(?:nova-3|nova-2)(?:-(?:general|medical|phonecall|meeting))?$/;
const fluxModels = ['flux-general-en', 'flux-general-multi'];
const rates = [8000, 16_000, 24_000, 44_100, 48_000];
/** The vendor takes more; what these emulated ears can read is listed here. */
const encodings = ['linear16', 'mulaw'];
const booleans = [
  'interim_results',
  'vad_events',
  'smart_format',
  'punctuate',
  'numerals',
  'profanity_filter',
  'multichannel',
];

const bad = (text: string): Refused => ({ status: 400, code: 'Bad Request', text: `Bad Request: ${text}` });

/** Whether the key is there and right: `Token <key>`, or `Bearer <key>` for granted tokens. */
export function checkKey(request: IncomingMessage, apiKey: string): Refused | undefined {
  const [scheme, key] = (request.headers.authorization ?? '').split(' ');
  if ((scheme === 'Token' || scheme === 'Bearer') && key === apiKey) return undefined;
  return { status: 401, code: 'INVALID_AUTH', text: 'Invalid credentials.' };
}

/** What is wrong with the query of a stream, if anything. */
export function checkQuery(path: string, query: URLSearchParams): Refused | undefined {
  if (path === '/v1/listen') return checkAudio(query, true) ?? checkNova(query);
  if (path === '/v2/listen') return checkAudio(query, false) ?? checkFlux(query);
  return { status: 404, code: 'Not Found', text: 'Resource not found.' };
}

function checkAudio(query: URLSearchParams, optional: boolean): Refused | undefined {
  const encoding = query.get('encoding');
  if (encoding === null)
    return optional ? bad('containerized audio is not emulated: set encoding') : bad('encoding is required');
  if (!encodings.includes(encoding)) return bad(`Unsupported audio encoding: ${encoding}.`);
  if (!query.has('sample_rate')) return bad('sample_rate is required when encoding is specified.');
  if (!rates.includes(Number(query.get('sample_rate'))))
    return bad(`Unsupported sample rate: ${query.get('sample_rate')}.`);
  return undefined;
}

function checkNova(query: URLSearchParams): Refused | undefined {
  const model = query.get('model') ?? '';
  const language = query.get('language') ?? 'en';
  if (!novaModels.test(model) || ![...monolingual, 'multi'].includes(language))
    return bad('No such model/language/tier combination found.');
  if (model.startsWith('nova-3') && query.has('keywords'))
    return bad('keywords is not supported by Nova-3. Use keyterm.');
  const wrong = booleans.find((name) => query.has(name) && !['true', 'false'].includes(query.get(name)!));
  if (wrong) return bad(`${wrong}: expected true or false.`);
  const endpointing = query.get('endpointing') ?? '10';
  if (endpointing !== 'false' && !/^\d+$/.test(endpointing)) return bad('endpointing: expected milliseconds or false.');
  return checkUtteranceEnd(query);
}

function checkUtteranceEnd(query: URLSearchParams): Refused | undefined {
  if (!query.has('utterance_end_ms')) return undefined;
  if (!(Number(query.get('utterance_end_ms')) >= 1000)) return bad('utterance_end_ms must be at least 1000.');
  return query.get('interim_results') === 'true' ? undefined : bad('utterance_end_ms requires interim_results=true.');
}

function checkFlux(query: URLSearchParams): Refused | undefined {
  const model = query.get('model') ?? '';
  if (!fluxModels.includes(model)) return bad(`No such model: ${model}.`);
  if (query.has('language')) return bad('language is not a parameter of this API.');
  const hints = query.getAll('language_hint');
  if (hints.length > 0 && model !== 'flux-general-multi') return bad('language_hint requires flux-general-multi.');
  const foreign = hints.find((hint) => !multilingual.includes(hint));
  if (foreign !== undefined) return bad(`language_hint: ${foreign} is not supported.`);
  const wrong = refusedThresholds(configuration(query));
  return wrong === undefined ? undefined : bad(wrong);
}
