import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { listen } from '../../../emulators/kit/front.ts';
import { createLivekitApi, type LivekitApi, type LivekitApiOptions } from '../../../src/adapters/livekit/api/api.ts';
import { systemClock } from '../../../src/clock.ts';
import { Secret } from '../../../src/secret.ts';

export interface Asked {
  readonly rpc: string;
  readonly token: string;
  readonly body: unknown;
}

export interface OddLivekit {
  readonly api: LivekitApi;
  readonly url: string;
  /** Requests that came, in order. */
  readonly asked: readonly Asked[];
  /** Sockets that were opened so far. */
  sockets(): number;
  /** Idempotent. */
  close(): Promise<void>;
}

type Answer = (response: ServerResponse, asked: Asked) => void;

export const apiKey = 'key';
export const apiSecret = new Secret('secretsecretsecretsecretsecretsecret');

/** The same, closed when the test ends. */
export async function oddLivekit(answer: Answer, options: Partial<LivekitApiOptions> = {}): Promise<OddLivekit> {
  const odd = await openOddLivekit(answer, options);
  onTestFinished(odd.close);
  return odd;
}

/** A server that answers LiveKit's API as it is told, and the product's client of it. */
export async function openOddLivekit(answer: Answer, options: Partial<LivekitApiOptions> = {}): Promise<OddLivekit> {
  const asked: Asked[] = [];
  const sockets = new Set<Socket>();
  const server = createServer(async (request, response) => {
    const one = await read(request);
    asked.push(one);
    answer(response, one);
  });
  server.keepAliveTimeout = 0;
  server.on('connection', (socket) => sockets.add(socket.on('error', () => undefined)));
  const url = `http://127.0.0.1:${await listen(server, 0)}`;
  const api = createLivekitApi({ url, clock: systemClock, key: () => ({ apiKey, apiSecret }), ...options });
  let closed: Promise<void> | undefined;
  const end = async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
    await api.close();
  };
  return { api, url, asked, sockets: () => sockets.size, close: () => (closed ??= end()) };
}

async function read(request: IncomingMessage): Promise<Asked> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return {
    rpc: String(request.url).replace('/twirp/livekit.', ''),
    token: String(request.headers.authorization).replace('Bearer ', ''),
    body: JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}'),
  };
}

export function reply(
  response: ServerResponse,
  status: number,
  body: object | string = {},
  headers: Readonly<Record<string, string>> = {},
): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(status, {
    'content-type': typeof body === 'string' ? 'text/plain' : 'application/json',
    ...headers,
  });
  response.end(text);
}

/** The error that it rejects with. */
export const errorOf = (asking: Promise<unknown>): Promise<Error> =>
  asking.then(
    () => Promise.reject(new Error('it was not refused')),
    (error: Error) => error,
  );
