import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { readBytes } from '../kit/control.ts';
import { startEmulator, type Arrival, type Emulator } from '../kit/emulator.ts';
import { createGate } from '../kit/faults.ts';
import { createSettings } from '../kit/settings.ts';
import { goingOn } from './going-on.ts';
import { createWordNumbers } from '../cartesia/speech.ts';
import { piecesOf, randomId, type Piece } from './chunks.ts';
import { answerWhole, errorOf } from './whole.ts';
import { paceOf } from './pace.ts';
import { receptionist } from './receptionist.ts';
import {
  badKey,
  retiredModel,
  tooMany,
  unknownPath,
  isRefusal,
  readCompletion,
  unknownModel,
  type Completion,
  type Provider,
  type Refusal,
} from './request.ts';
import { readSpeech, spokenIn } from './speech.ts';
import { createScript, parseRules, type Rule, type Script, type Think } from './script.ts';
import { answerOf, readDictation, wordsIn } from './transcription.ts';

const settingsShape = z.object({
  /** From the request to its first token. */
  firstTokenMs: z.number().min(0).default(250),
  /** From one token (a word) to the next. */
  tokenMs: z.number().min(0).default(20),
  /** Each token comes up to this much later, by `seed`, scenario and question: the same in every run. */
  jitterMs: z.number().min(0).default(0),
  seed: z.int().default(1),
  /** Of speech: from the request to its first audio. */
  firstAudioMs: z.number().min(0).default(300),
  chunkMs: z.number().min(10).max(1000).default(100),
  /** How many times faster than real time audio is made. */
  realTimeFactor: z.number().min(0.1).default(10),
  /** How long an idle connection is kept; told to the client, who will not keep it longer. 0: for ever, and not told. */
  keepAliveMs: z.number().min(0).default(600_000),
  /** From `[DONE]` to the end of the body, which often comes in a packet of its own. */
  endMs: z.number().min(0).default(0),
  /** From the request for a transcription to its answer. */
  transcriptionMs: z.number().min(0).default(250),
  /** Answers that may be given at once; one more is refused with 429. */
  concurrency: z.int().min(0).default(10_000),
  /** False: how many tokens were used is not told, asked for or not. */
  usage: z.boolean().default(true),
  /** Models that were taken out of service: not listed any more, and refused in the vendor's own way. */
  retiredModels: z.array(z.string()).default([]),
});

export type OpenAiSettings = z.infer<typeof settingsShape>;

type Keys = Readonly<Record<Provider, string>>;

export interface OpenAiEmulatorOptions {
  readonly port?: number;
  readonly controlPort?: number;
  /** The one key that is let in at each address. */
  readonly keys?: Keys;
  /** The only models there are; default any but those that start with `missing`. */
  readonly models?: readonly string[];
  readonly rules?: readonly Rule[];
  readonly settings?: Partial<OpenAiSettings>;
}

export interface OpenAiEmulator extends Emulator<OpenAiSettings> {
  /** Base URL as OpenAI's clients want it. */
  readonly url: string;
  /** Base URL of the same emulator as Groq. */
  readonly groqUrl: string;
  readonly keys: Keys;
  readonly script: Script;
  /** Asked before the script; may answer `undefined` to leave it to the script. */
  think(think: Think | undefined): void;
}

const mostBodyBytes = 4_000_000;
const defaultKeys: Keys = { openai: 'sk-emulated-openai', groq: 'gsk_emulated_groq' };
const prefixes: readonly (readonly [string, Provider])[] = [
  ['/openai/v1', 'groq'],
  ['/v1', 'openai'],
];

/** Chat completions of OpenAI (`/v1`) and Groq (`/openai/v1`) and speech of OpenAI, streamed, on 127.0.0.1. */
export async function createOpenAiEmulator(options: OpenAiEmulatorOptions = {}): Promise<OpenAiEmulator> {
  const { keys = defaultKeys, models } = options;
  const script = createScript(options.rules ?? [], receptionist);
  const settings = createSettings(settingsShape, options.settings);
  let think: Think | undefined;
  // Apart from those of Cartesia's emulator: who hears a number knows who spoke.
  const nextNumber = createWordNumbers(32_768);
  let active = 0;
  const inner = createServer((request, response) => void serve(request, response).catch(() => response.destroy()));

  inner.keepAliveTimeout = settings.values.keepAliveMs;
  const kit = await startEmulator({
    inner,
    settings,
    specialFaults: { error: { fields: ['after', 'body'] } },
    port: options.port ?? 0,
    controlPort: options.controlPort ?? 0,
    more: scriptRoutes(script),
  });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // For the next request: the hint of this one was taken before it got here.
    inner.keepAliveTimeout = settings.values.keepAliveMs;
    const cameAt = performance.now();
    const path = (request.url ?? '').split('?')[0]!;
    const arrival = kit.arrive(request, path);
    const { number } = arrival.connection;
    kit.journal.note('request.arrived', { connection: number, method: request.method, path, headers: shown(request) });
    const body = await readBytes(request, mostBodyBytes);
    if (await struck(arrival, response)) return;
    const [prefix, provider] = prefixes.find(([prefix]) => path.startsWith(`${prefix}/`)) ?? [];
    if (!provider) return refuse(response, unknownPath(path));
    if (request.headers.authorization !== `Bearer ${keys[provider]}`) return refuse(response, badKey);
    if (request.method === 'POST' && path === `${prefix}/chat/completions`)
      return complete(provider, body.toString('utf8'), { ...arrival, cameAt, scenario: scenarioOf(request) }, response);
    if (request.method === 'POST' && path === `${prefix}/audio/transcriptions`)
      return transcribe(
        provider,
        { body, type: request.headers['content-type'] ?? '' },
        { ...arrival, cameAt },
        response,
      );
    if (request.method === 'GET' && path.startsWith(`${prefix}/models/`))
      return showModel(response, provider, decodeURIComponent(path.slice(`${prefix}/models/`.length)));
    if (request.method === 'POST' && path === '/v1/audio/speech')
      return speak(body.toString('utf8'), { ...arrival, cameAt, scenario: scenarioOf(request) }, response);
    if (request.method === 'GET' && path === `${prefix}/models`)
      return listModels(response, settings.values.retiredModels, models);
    refuse(response, unknownPath(path));
  }

  async function complete(provider: Provider, text: string, arrival: Asked, response: ServerResponse) {
    const body = readCompletion(provider, text);
    if (isRefusal(body)) return refuse(response, body);
    const refusal = modelRefusal(provider, body.model) ?? (active >= settings.values.concurrency ? tooMany : undefined);
    if (refusal) return refuse(response, refusal);
    active += 1;
    response.once('close', () => (active -= 1));
    const id = `chatcmpl-${randomId()}`;
    const { number: connection } = arrival.connection;
    kit.journal.note('completion.asked', { connection, id, provider, body });
    const ask = { model: body.model, messages: body.messages, tools: body.tools ?? [] };
    const answer = await goingOn(ask, async (each) => (await think?.(each)) ?? script.answer(each));
    const pieces = piecesOf(answer, { ...chunkOptions(body, settings.values.usage), provider, id });
    const question = `${body.messages.length} ${body.messages.at(-1)?.content}`;
    const dueMs = paceOf(pieces, settings.values, `${settings.values.seed} ${arrival.scenario} ${question}`);
    kit.journal.note('completion.answered', { connection, id, answer, dueMs });
    await stream(pieces, dueMs, arrival, response, { text: done, afterMs: settings.values.endMs });
    kit.journal.note('completion.ended', { connection, id, complete: response.writableEnded && !response.destroyed });
  }

  async function transcribe(
    provider: Provider,
    { body, type }: { readonly body: Uint8Array; readonly type: string },
    arrival: Arrival & { readonly cameAt: number },
    response: ServerResponse,
  ) {
    const dictation = await readDictation(provider, body, type);
    if (isRefusal(dictation)) return refuse(response, dictation);
    const refusal = modelRefusal(provider, dictation.model);
    if (refusal) return refuse(response, refusal);
    const { number: connection } = arrival.connection;
    const text = wordsIn(dictation.sound);
    const { model, language, prompt, format } = dictation;
    const heldMs = Math.round((dictation.sound.pcm.length * 1000) / dictation.sound.sampleRateHz);
    kit.journal.note('transcription.asked', { connection, provider, model, language, prompt, format, heldMs, text });
    const dueAt = arrival.cameAt + settings.values.transcriptionMs;
    await answerWhole(answerOf(dictation, text), arrival, response, dueAt);
    kit.journal.note('transcription.ended', { connection, complete: response.writableEnded && !response.destroyed });
  }

  function showModel(response: ServerResponse, provider: Provider, id: string): void {
    const refusal = modelRefusal(provider, id);
    if (refusal) return refuse(response, refusal);
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(shownModel(id)));
  }

  async function speak(text: string, arrival: Asked, response: ServerResponse) {
    const body = readSpeech(text);
    if (isRefusal(body)) return refuse(response, body);
    const refusal = modelRefusal('openai', body.model);
    if (refusal) return refuse(response, refusal);
    const id = `speech-${randomId()}`;
    const { number: connection } = arrival.connection;
    const { firstAudioMs, chunkMs, realTimeFactor } = settings.values;
    const { words, pieces } = spokenIn(body.input, nextNumber, chunkMs);
    kit.journal.note('speech.asked', { connection, id, body });
    kit.journal.note('speech.generated', { connection, id, text: body.input, words });
    const dueMs = pieces.map((_, index) => firstAudioMs + (index * chunkMs) / realTimeFactor);
    await stream(pieces, dueMs, arrival, response, { text: '', afterMs: 0 });
    kit.journal.note('speech.ended', { connection, id, complete: response.writableEnded && !response.destroyed });
  }

  function modelRefusal(provider: Provider, model: string): Refusal | undefined {
    if (settings.values.retiredModels.includes(model)) return retiredModel(provider, model);
    const known = models ? models.includes(model) : !model.startsWith('missing');
    return known ? undefined : unknownModel(model);
  }

  const address = `http://127.0.0.1:${kit.port}`;
  return {
    port: kit.port,
    controlUrl: kit.controlUrl,
    journal: kit.journal,
    faults: kit.faults,
    settings,
    close: () => kit.close(),
    url: `${address}/v1`,
    groqUrl: `${address}/openai/v1`,
    keys,
    script,
    think: (given) => void (think = given),
  };
}

interface Asked extends Arrival {
  /** When the request came, of `performance.now()`. */
  readonly cameAt: number;
  readonly scenario: string | undefined;
}

const scenarioOf = ({ headers }: IncomingMessage): string | undefined => headers['x-emulator-scenario']?.toString();

/** Faults that strike before the answer begins. True when one did. */
async function struck({ connection, fault }: Arrival, response: ServerResponse): Promise<boolean> {
  if (fault?.kind === 'reset' && fault.at === 'handshake') connection.reset();
  else if (fault?.kind === 'status') {
    response.writeHead(fault.status!, { 'content-type': 'application/json', ...fault.headers });
    response.end(typeof fault.body === 'string' ? fault.body : JSON.stringify(fault.body ?? { error: null }));
  } else return fault?.kind === 'hang' && fault.at === 'handshake';
  return true;
}

/** `pacedMs`: when each piece is due, after the request. */
async function stream(
  pieces: readonly Piece[],
  pacedMs: readonly number[],
  arrival: Asked,
  response: ServerResponse,
  ending: { readonly text: string; readonly afterMs: number },
) {
  const { connection, fault, cameAt } = arrival;
  const gate = createGate(fault);
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
  response.flushHeaders();
  if (fault?.kind === 'hang') return;
  // Counted from one start, so that neither late timers nor our own work add up.
  for (const [index, piece] of pieces.entries()) {
    const dueAt = cameAt + pacedMs[index]! + (index + 1) * gate.delayMs;
    await delay(Math.max(0, dueAt - performance.now()));
    if (response.destroyed) return;
    const verdict = piece.token ? gate.next() : 'pass';
    if (verdict === 'stall') return;
    if (verdict === 'reset') return connection.reset();
    if (verdict === 'close') return void response.end();
    if (fault?.kind === 'error' && index > (fault.after ?? 0)) return void response.end(event(errorOf(fault.body)));
    response.write(verdict === 'garbage' ? 'data: {"id":"chatcmpl-\n\n' : event(piece.data));
  }
  if (ending.afterMs === 0) return void response.end(ending.text);
  response.write(ending.text);
  await delay(ending.afterMs);
  response.end();
}

const done = 'data: [DONE]\n\n';

const event = (data: unknown): string => `data: ${JSON.stringify(data)}\n\n`;

function refuse(response: ServerResponse, { status, error }: Refusal): void {
  response.writeHead(status, { 'content-type': 'application/json', 'x-request-id': `req_${randomId()}` });
  response.end(JSON.stringify({ error }));
}

function listModels(
  response: ServerResponse,
  retired: readonly string[],
  models: readonly string[] = [
    'gpt-5.4-mini',
    'openai/gpt-oss-120b',
    'gpt-4o-mini-transcribe',
    'whisper-large-v3-turbo',
  ],
): void {
  const served = models.filter((id) => !retired.includes(id));
  const data = served.map(shownModel);
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ object: 'list', data }));
}

const shownModel = (id: string) => ({ id, object: 'model', created: 1_700_000_000, owned_by: 'emulator' });

const chunkOptions = (body: Completion, usage: boolean) => ({
  model: body.model,
  usage: usage && (body.stream_options?.include_usage ?? false),
  groqUsage: usage,
  promptWords: body.messages.reduce((sum, { content }) => sum + (content ?? '').split(/\s+/).length, 0),
});

/** Headers for the journal: names with values, of the key only how it is carried. */
const shown = ({ headers }: IncomingMessage) => ({
  ...headers,
  ...(headers.authorization && { authorization: headers.authorization.replace(/ .*/, ' …') }),
});

const scriptRoutes = (script: Script) => ({
  'GET /script': () => ({ body: script.list() }),
  'POST /script': ({ body }: { body: unknown }) => {
    script.add(parseRules(body));
    return { status: 201, body: script.list() };
  },
  'DELETE /script': () => {
    script.clear();
    return { body: [] };
  },
});
