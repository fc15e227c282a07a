import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { readBytes } from '../kit/control.ts';
import { startEmulator, type Arrival, type Emulator } from '../kit/emulator.ts';
import { createSettings } from '../kit/settings.ts';
import { type Answering, modelRefusal, refuse } from './answering.ts';
import { chatOf } from './chat.ts';
import { hearingOf } from './hearing.ts';
import { type OpenAiSettings, settingsShape } from './settings.ts';
import { talkOf } from './talk.ts';
import { receptionist } from './receptionist.ts';
import { badKey, type Provider, unknownPath } from './request.ts';
import { createScript, parseRules, type Rule, type Script, type Think } from './script.ts';

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

  const answering: Answering = { journal: kit.journal, settings, models };
  const complete = chatOf(answering, async (each) => (await think?.(each)) ?? script.answer(each));
  const transcribe = hearingOf(answering);
  const speak = talkOf(answering);

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

  function showModel(response: ServerResponse, provider: Provider, id: string): void {
    const refusal = modelRefusal(answering, provider, id);
    if (refusal) return refuse(response, refusal);
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(shownModel(id)));
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
