import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { type Arrival, startEmulator, type Emulator } from '../kit/emulator.ts';
import type { Fault } from '../kit/faults.ts';
import { createSettings } from '../kit/settings.ts';
import { checkKey, checkQuery, type Refused } from './handshake.ts';
import type { Outbox } from './outbox.ts';
import { createScript, type ScriptInput } from './script.ts';
import { deepgramSettings, type DeepgramSettings } from './settings.ts';
import { serveStream } from './stream.ts';
import { z } from 'zod';

export interface DeepgramEmulator extends Emulator<DeepgramSettings> {
  /** `http://127.0.0.1:…`, for REST; and the same over ws, for streams. */
  readonly httpUrl: string;
  readonly wsUrl: string;
  /** The key that is let in. */
  readonly apiKey: string;
  /**
   * Words of the next sounds that are no tones: for sessions with the header `x-emulator-scenario`, else for any session,
   * by order. Throws an `Error` that names the field for one that is not allowed.
   */
  script(sounds: readonly ScriptInput[], options?: { readonly scenario?: string }): void;
  /**
   * Does something to streams that are open now (all, or one `connection`): `stall` (sends nothing more), `deaf` (reads
   * nothing more), `close` (`code`, `reason`), `garbage`, `error` (the vendor's own message and 1011), `reset`.
   */
  strikeOpen(action: unknown): void;
}

const strikes = z.strictObject({
  kind: z.enum(['stall', 'deaf', 'close', 'garbage', 'error', 'reset']),
  connection: z.int().optional(),
  code: z.int().optional(),
  reason: z.string().optional(),
});

interface OpenStream {
  readonly socket: WebSocket;
  readonly arrival: Arrival;
  readonly outbox: Outbox;
}

/**
 * Deepgram's listening APIs (v1 Nova, v2 Flux) on 127.0.0.1, for the vendor's own SDK. Words come from tones in the audio
 * or from a script; time is the audio's own. Beside the kit's control routes: `GET|POST|DELETE /script`, `POST /strike`.
 */
export async function createDeepgramEmulator(
  options: {
    readonly settings?: Partial<DeepgramSettings>;
    readonly port?: number;
    readonly controlPort?: number;
  } = {},
): Promise<DeepgramEmulator> {
  const { settings: initial, ...ports } = options;
  const settings = createSettings(deepgramSettings, initial);
  const script = createScript();
  const streams = new Set<OpenStream>();
  const inner = createServer(serveRest);
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 8 << 20 });
  inner.on('upgrade', upgrade);
  const kit = await startEmulator({ inner, settings, ...ports, more: routes() });

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { pathname: path, searchParams: query } = new URL(request.url ?? '/', 'ws://deepgram');
    const scenario = request.headers['x-emulator-scenario']?.toString();
    const arrival = kit.arrive(request, path);
    const connection = arrival.connection.number;
    const authorization = request.headers.authorization?.split(' ')[0];
    kit.journal.note('stream.asked', { connection, path, query: readable(query), authorization, scenario });
    socket.on('error', () => {});
    const fault = arrival.fault;
    if (fault?.kind === 'hang' && fault.at === 'handshake') return;
    if (fault?.kind === 'reset' && fault.at === 'handshake') return arrival.connection.reset();
    const refused = refusalBy(fault) ?? check(request, path, query);
    if (refused) return refuse(socket, refused, fault);
    const requestId = randomUUID();
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const { journal } = kit;
      const stream = { socket: webSocket, arrival, path, query, requestId, settings, journal, script, scenario };
      const open = { socket: webSocket, arrival, outbox: serveStream(stream) };
      streams.add(open);
      kit.journal.note('stream.opened', { connection, path });
      webSocket.on('close', () => streams.delete(open));
    });
  }

  function check(request: IncomingMessage, path: string, query: URLSearchParams): Refused | undefined {
    const { apiKey, maxStreams } = settings.values;
    const full = { status: 429, code: 'TOO_MANY_REQUESTS', text: 'Too many requests. Please try again later' };
    return checkKey(request, apiKey) ?? checkQuery(path, query) ?? (streams.size >= maxStreams ? full : undefined);
  }

  function strikeOpen(input: unknown): void {
    const result = strikes.safeParse(input);
    if (!result.success) throw new Error(`not a strike: ${z.prettifyError(result.error)}`);
    for (const stream of streams)
      if (result.data.connection === undefined || stream.arrival.connection.number === result.data.connection)
        hit(stream, result.data);
  }

  function serveRest(request: IncomingMessage, response: ServerResponse): void {
    const path = new URL(request.url ?? '/', 'http://deepgram').pathname;
    const { connection, fault } = kit.arrive(request, path);
    kit.journal.note('rest.asked', { connection: connection.number, path, method: request.method });
    if (fault?.kind === 'hang') return;
    if (fault?.kind === 'reset') return connection.reset();
    const { status, body } = restAnswer(request, path, refusalBy(fault) ?? checkKey(request, settings.values.apiKey));
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  function routes() {
    return {
      'GET /script': () => ({ body: script.remaining() }),
      'POST /script': ({ body }: { body: unknown }) => (script.add(body), { status: 201, body: script.remaining() }),
      'DELETE /script': () => (script.clear(), { body: {} }),
      'POST /strike': ({ body }: { body: unknown }) => (strikeOpen(body), { body: { streams: streams.size } }),
    };
  }

  return {
    ...kit,
    httpUrl: `http://127.0.0.1:${kit.port}`,
    wsUrl: `ws://127.0.0.1:${kit.port}`,
    apiKey: settings.values.apiKey,
    script: (sounds, { scenario } = {}) => script.add({ sounds, ...(scenario === undefined ? {} : { scenario }) }),
    strikeOpen,
  };
}

function hit({ socket, arrival, outbox }: OpenStream, { kind, code, reason }: z.infer<typeof strikes>): void {
  if (kind === 'reset') arrival.connection.reset();
  else if (kind === 'stall') outbox.stall();
  else if (kind === 'deaf') socket.pause();
  else if (kind === 'garbage') outbox.spoil();
  else if (kind === 'close') outbox.close(code ?? 1000, reason);
  else {
    outbox.send({
      type: 'Error',
      code: 'INTERNAL_SERVER_ERROR',
      variant: 'INTERNAL_SERVER_ERROR',
      description: 'emulated',
    });
    outbox.close(1011, 'INTERNAL_SERVER_ERROR');
  }
}

const refusalBy = (fault: Fault | undefined): Refused | undefined =>
  fault?.kind === 'status' ? { status: fault.status!, code: `EMULATED_${fault.status}`, text: 'emulated' } : undefined;

/** Answers an upgrade with a status, as HTTP knows it. */
function refuse(socket: Duplex, { status, code, text }: Refused, fault: Fault | undefined): void {
  const id = randomUUID();
  const body = JSON.stringify(fault?.body ?? { err_code: code, err_msg: text, request_id: id });
  const headers = { 'content-type': 'application/json', 'dg-error': text, 'dg-request-id': id, ...fault?.headers };
  const lines = Object.entries({ ...headers, 'content-length': Buffer.byteLength(body), connection: 'close' });
  socket.end(
    `HTTP/1.1 ${status} Refused\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`,
  );
}

function restAnswer(request: IncomingMessage, path: string, refused: Refused | undefined) {
  if (refused) return { status: refused.status, body: { err_code: refused.code, err_msg: refused.text } };
  if (request.method === 'GET' && path === '/v1/projects')
    return { status: 200, body: { projects: [{ project_id: 'emulated', name: 'emulated' }] } };
  if (request.method === 'GET' && path === '/v1/models') return { status: 200, body: { stt: [], tts: [] } };
  return { status: 404, body: { err_code: 'Not Found', err_msg: 'Resource not found.' } };
}

function readable(query: URLSearchParams): Record<string, string | string[]> {
  const names = [...new Set(query.keys())];
  return Object.fromEntries(
    names.map((name) => [name, query.getAll(name).length > 1 ? query.getAll(name) : query.get(name)!]),
  );
}
