import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { startEmulator, type Emulator } from '../kit/emulator.ts';
import { createStrikes } from '../kit/strikes.ts';
import { createSettings } from '../kit/settings.ts';
import { makeCertificate } from './certificate.ts';
import { wireError } from './request.ts';
import { settingsShape, type CartesiaSettings } from './settings.ts';
import { socketPath, talk } from './socket.ts';
import { createWordNumbers } from './speech.ts';

export interface CartesiaEmulatorOptions {
  readonly port?: number;
  readonly controlPort?: number;
  /** The only keys that are let in. */
  readonly keys?: readonly string[];
  readonly settings?: Partial<CartesiaSettings>;
}

export interface CartesiaEmulator extends Emulator<CartesiaSettings> {
  /** `https://…`; the SDK makes `wss` of it by itself. */
  readonly url: string;
  /** The CA to trust, as PEM and as a file. */
  readonly ca: string;
  readonly caFile: string;
  readonly keys: readonly string[];
  /** Does something to sockets that are open now: see `Strike`. Gives how many it hit. */
  strikeOpen(strike: unknown): number;
}

/** Cartesia's text to speech over TLS on 127.0.0.1. Its audio carries the words as tones; the journal tells which. */
export async function createCartesiaEmulator(options: CartesiaEmulatorOptions = {}): Promise<CartesiaEmulator> {
  const { keys = ['sk_car_emulated'] } = options;
  const certificate = await makeCertificate();
  const settings = createSettings(settingsShape, options.settings);
  const nextNumber = createWordNumbers();
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  const inner = createServer({ key: certificate.key, cert: certificate.cert }, serve);
  inner.on('upgrade', upgrade);
  inner.on('tlsClientError', () => undefined);
  const active = { contexts: 0 };
  const strikes = createStrikes();

  const kit = await startEmulator({
    inner,
    settings,
    specialFaults: { error: { fields: ['after', 'body'] } },
    port: options.port ?? 0,
    controlPort: options.controlPort ?? 0,
    more: { 'POST /strike': ({ body }) => ({ body: { sockets: strikes.strike(body) } }) },
  });
  const { journal } = kit;

  function serve(request: IncomingMessage, response: ServerResponse): void {
    const { pathname } = new URL(request.url ?? '/', 'https://emulator');
    const { connection, fault } = kit.arrive(request, pathname);
    journal.note('request.arrived', { connection: connection.number, method: request.method, path: pathname });
    if (fault?.kind === 'reset') return connection.reset();
    if (fault?.kind === 'hang') return;
    const refusal = fault?.kind === 'status' ? { status: fault.status!, body: fault.body } : refusalOf(request, keys);
    if (refusal) return answer(response, refusal.status, refusal.body, fault?.headers);
    const body = pathname === '/' ? { ok: true, version: '2026-08-14' } : pathname === '/voices' ? voices : undefined;
    answer(response, body ? 200 : 404, body ?? wireError(404, 'not_found', 'Not found', `no such path: ${pathname}`));
  }

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const url = new URL(request.url ?? '/', 'https://emulator');
    const { connection, fault } = kit.arrive(request, url.pathname, 'handshake');
    socket.on('error', () => undefined);
    journal.note('socket.asked', { connection: connection.number, path: url.pathname, headers: shown(request) });
    if (fault?.kind === 'reset') return connection.reset();
    if (fault?.kind === 'hang') return;
    const refusal =
      fault?.kind === 'status'
        ? { status: fault.status!, body: fault.body, headers: fault.headers }
        : url.pathname === socketPath
          ? refusalOf(request, keys)
          : { status: 404, body: 'no such path' };
    if (refusal) return refuse(socket, refusal);
    const scenario = request.headers['x-emulator-scenario']?.toString();
    sockets.handleUpgrade(request, socket, head, (ws) => {
      const open = talk({ ws, connection, scenario, kit, nextNumber, active });
      strikes.open.add(open);
      ws.on('close', () => strikes.open.delete(open));
    });
  }

  return {
    port: kit.port,
    controlUrl: kit.controlUrl,
    journal,
    faults: kit.faults,
    settings,
    url: `https://127.0.0.1:${kit.port}`,
    ca: certificate.cert,
    caFile: certificate.caFile,
    keys,
    strikeOpen: strikes.strike,
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      await kit.close();
      await certificate.remove();
    },
  };
}

interface HttpRefusal {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** A key in the address ends up in the logs of whoever is on the way: refused, so that a client that does it is found out. */
function refusalOf(request: IncomingMessage, keys: readonly string[]): HttpRefusal | undefined {
  const { searchParams } = new URL(request.url ?? '/', 'https://emulator');
  if (searchParams.has('api_key') || searchParams.has('access_token'))
    return { status: 400, body: wireError(400, 'invalid_request', 'Key in address', 'send the key in a header') };
  if (!keys.includes(keyIn(request)))
    return { status: 401, body: wireError(401, 'unauthorized', 'Unauthorized', 'Invalid API key') };
  if (!request.headers['cartesia-version'])
    return { status: 400, body: wireError(400, 'invalid_request', 'No version', 'cartesia-version is missing') };
  return undefined;
}

/** In either of the headers that Cartesia takes it in. */
const keyIn = ({ headers }: IncomingMessage): string =>
  headers.authorization?.replace(/^Bearer /, '') ?? String(headers['x-api-key'] ?? '');

function answer(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(textOf(body));
}

function refuse(socket: Duplex, { status, body, headers = {} }: HttpRefusal): void {
  const lines = Object.entries({ 'content-type': 'application/json', connection: 'close', ...headers });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.end(`HTTP/1.1 ${status} Refused\r\n${head}\r\n${textOf(body)}`);
}

const textOf = (body: unknown): string => (typeof body === 'string' ? body : JSON.stringify(body ?? {}));

const shown = ({ headers }: IncomingMessage) => ({
  ...headers,
  ...(headers.authorization && { authorization: headers.authorization.replace(/ .*/, ' …') }),
  ...(headers['x-api-key'] && { 'x-api-key': '…' }),
});

const voices = {
  data: [{ id: 'a0e99841-438c-4a64-b679-ae501e7d6091', name: 'Emulated', language: 'en', is_public: true }],
  has_more: false,
  next_page: null,
};
