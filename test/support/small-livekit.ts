import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { decodeJwt, jwtVerify, SignJWT } from 'jose';
import { onTestFinished } from 'vitest';
import { listen } from '../../emulators/kit/front.ts';

/** What of a LiveKit may be wrong. */
export interface SmallLivekitOptions {
  /** Its clock minus ours. */
  readonly aheadMs?: number;
  /** Its key and secret. */
  readonly apiKey: string;
  readonly apiSecret: string;
  /** Where it sends its webhooks, and the key that signs them. */
  readonly webhook?: { readonly url: string; readonly apiKey?: string; readonly apiSecret?: string };
}

const bytesOf = (secret: string) => new TextEncoder().encode(secret);

/** Answers for rooms alone, with a clock, a key and a webhook of its own; in words and statuses of livekit-server 1.13. */
export async function startSmallLivekit(
  options: SmallLivekitOptions,
): Promise<{ readonly url: string; rooms(): readonly string[] }> {
  const rooms = new Set<string>();
  const now = () => Date.now() + (options.aheadMs ?? 0);

  async function refusalOf(token: string): Promise<string | undefined> {
    const { iss } = decodeJwt(token);
    if (iss !== options.apiKey) return `invalid API key: ${iss}`;
    const check = { algorithms: ['HS256'], clockTolerance: 60, currentDate: new Date(now()) };
    return jwtVerify(token, bytesOf(options.apiSecret), check).then(
      () => undefined,
      () => `invalid token: ${token}, error: token is not valid`,
    );
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('date', new Date(now()).toUTCString());
    if (request.method === 'GET') return void response.end('OK');
    const refused = await refusalOf(String(request.headers.authorization).replace('Bearer ', ''));
    if (refused) return void response.writeHead(401, { 'content-type': 'text/plain' }).end(refused);
    const body = JSON.parse((await buffer(request)).toString('utf8')) as { name?: string; room?: string };
    const method = request.url?.split('/').at(-1);
    if (method === 'CreateRoom') {
      rooms.add(body.name!);
      if (options.webhook) void send(options, options.webhook, body.name!, now());
    }
    if (method === 'DeleteRoom') rooms.delete(body.room!);
    const answer = method === 'CreateRoom' ? { name: body.name } : {};
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  }

  const server = createServer((request, response) => void serve(request, response));
  const url = `http://127.0.0.1:${await listen(server, 0)}`;
  onTestFinished(() => void server.close().closeAllConnections());
  return { url, rooms: () => [...rooms] };
}

async function send(
  own: SmallLivekitOptions,
  hook: NonNullable<SmallLivekitOptions['webhook']>,
  room: string,
  nowMs: number,
) {
  const body = JSON.stringify({ event: 'room_started', room: { sid: 'RM_1', name: room }, id: 'EV_1' });
  const token = await new SignJWT({ sha256: createHash('sha256').update(body).digest('base64') })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer(hook.apiKey ?? own.apiKey)
    .setExpirationTime(Math.floor(nowMs / 1000) + 300)
    .sign(bytesOf(hook.apiSecret ?? own.apiSecret));
  const headers = { authorization: token, 'content-type': 'application/webhook+json' };
  await fetch(hook.url, { method: 'POST', headers, body }).catch(() => undefined);
}
