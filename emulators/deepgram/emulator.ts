import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { startEmulator, type Emulator } from '../kit/emulator.ts';
import type { Fault } from '../kit/faults.ts';
import type { Connection } from '../kit/front.ts';
import { createSettings } from '../kit/settings.ts';
import { createStrikes, type Strike } from '../kit/strikes.ts';
import { checkKey, checkQuery, type Refused } from './handshake.ts';
import type { Outbox } from './outbox.ts';
import { createScript, type ScriptInput } from './script.ts';
import { deepgramSettings, type DeepgramSettings } from './settings.ts';
import { serveStream } from './stream.ts';

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
  /** Does something to streams that are open now: see `Strike`. Gives how many it hit. */
  strikeOpen(strike: unknown): number;
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
  const strikes = createStrikes();
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
      const outbox = serveStream(stream);
      const hit = (how: Strike) => strike(webSocket, arrival.connection, outbox, how);
      const open = { connection, strike: hit };
      strikes.open.add(open);
      kit.journal.note('stream.opened', { connection, path });
      webSocket.on('close', () => strikes.open.delete(open));
    });
  }

  function check(request: IncomingMessage, path: string, query: URLSearchParams): Refused | undefined {
    const { apiKey, maxStreams } = settings.values;
    const full = { status: 429, code: 'TOO_MANY_REQUESTS', text: 'Too many requests. Please try again later' };
    return checkKey(request, apiKey) ?? checkQuery(path, query) ?? (strikes.open.size >= maxStreams ? full : undefined);
  }

  function serveRest(request: IncomingMessage, response: ServerResponse): void {
    const path = new URL(request.url ?? '/', 'http://deepgram').pathname;
    const { connection, fault } = kit.arrive(request, path);
    kit.journal.note('rest.asked', { connection: connection.number, path, method: request.method });
    if (fault?.kind === 'hang') return;
    if (fault?.kind === 'reset') return connection.reset();
    const refused = refusalBy(fault) ?? checkKey(request, settings.values.apiKey);
    const { status, body } = restAnswer(request, path, refused);
    response.writeHead(status, { 'content-type': 'application/json', ...fault?.headers });
    response.end(wireText(fault?.body ?? body));
  }

  function routes() {
    return {
      'GET /script': () => ({ body: script.remaining() }),
      'POST /script': ({ body }: { body: unknown }) => (script.add(body), { status: 201, body: script.remaining() }),
      'DELETE /script': () => (script.clear(), { body: {} }),
      'POST /strike': ({ body }: { body: unknown }) => ({ body: { sockets: strikes.strike(body) } }),
    };
  }

  return {
    ...kit,
    httpUrl: `http://127.0.0.1:${kit.port}`,
    wsUrl: `ws://127.0.0.1:${kit.port}`,
    apiKey: settings.values.apiKey,
    script: (sounds, { scenario } = {}) => script.add({ sounds, ...(scenario === undefined ? {} : { scenario }) }),
    strikeOpen: strikes.strike,
  };
}

function strike(socket: WebSocket, connection: Connection, outbox: Outbox, { kind, code, reason }: Strike): void {
  if (kind === 'reset') connection.reset();
  else if (kind === 'stall') outbox.stall();
  else if (kind === 'deaf') socket.pause();
  else if (kind === 'garbage') outbox.spoil();
  else if (kind === 'close') outbox.close(code ?? 1000, reason);
  else {
    const name = 'INTERNAL_SERVER_ERROR';
    outbox.send({ type: 'Error', code: name, variant: name, description: 'emulated' });
    outbox.close(1011, name);
  }
}

const refusalBy = (fault: Fault | undefined): Refused | undefined =>
  fault?.kind === 'status' ? { status: fault.status!, code: `EMULATED_${fault.status}`, text: 'emulated' } : undefined;

/** Answers an upgrade with a status, as HTTP knows it. */
function refuse(socket: Duplex, { status, code, text }: Refused, fault: Fault | undefined): void {
  const id = randomUUID();
  const body = wireText(fault?.body ?? { err_code: code, err_msg: text, request_id: id });
  const headers = { 'content-type': 'application/json', 'dg-error': text, 'dg-request-id': id, ...fault?.headers };
  const lines = Object.entries({ ...headers, 'content-length': Buffer.byteLength(body), connection: 'close' });
  socket.end(
    `HTTP/1.1 ${status} Refused\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`,
  );
}

/** A text goes out as it is: it may be no JSON. */
const wireText = (body: unknown): string => (typeof body === 'string' ? body : JSON.stringify(body));

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
