import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** A webhook as the hub saw it. `body` is LiveKit's JSON. */
export interface SeenWebhook {
  readonly atMs: number;
  readonly body: {
    readonly event: string;
    readonly room?: { readonly name?: string };
    readonly egressInfo?: { readonly roomName?: string };
    readonly ingressInfo?: { readonly roomName?: string };
  } & Record<string, unknown>;
  /** What the door behind the route answered; 200 where there is none. */
  readonly status: number;
  /** Where it was delivered, or tried last. */
  readonly door?: string;
}

const anyPort = { host: '127.0.0.1', port: 0 };
const mostSeen = 20_000;

/**
 * The webhook address of a livekit-server is fixed when it starts, and what one test did not take is retried into the next.
 * So all webhooks come here and go on, as they are, to the door that asked for their room. `PUT /routes/<room>` with the
 * door's address, `DELETE /routes/<room>`; a name ending in `*` takes every room that begins so. Several addresses, one a
 * line, take turns, and who cannot be reached is passed over. `GET /seen/<room>` gives what came. Events of rooms nobody
 * asked for are taken and kept.
 */
export async function startWebhookHub(
  at: { readonly host: string; readonly port: number } = anyPort,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const routes = new Map<string, string>();
  const drops = new Set<string>();
  const seen: SeenWebhook[] = [];
  let turns = 0;

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, kind = '', key = ''] = new URL(request.url ?? '/', 'http://hub').pathname
      .split('/')
      .map(decodeURIComponent);
    const text = await bodyOf(request);
    if (kind === 'webhook') return answer(response, await passOn(text, request.headers.authorization ?? ''));
    if (kind === 'seen')
      return answer(
        response,
        200,
        seen.filter((webhook) => roomOf(webhook.body) === key),
      );
    if (kind === 'drops') {
      drops.add(key);
      return answer(response, 200);
    }
    if (kind !== 'routes') return answer(response, 404);
    if (request.method === 'GET') return answer(response, 200, [...routes]);
    if (request.method === 'PUT') routes.set(key, text);
    else routes.delete(key);
    return answer(response, 200);
  }

  async function passOn(text: string, authorization: string): Promise<number> {
    const body = JSON.parse(text) as SeenWebhook['body'];
    const atMs = Date.now();
    const doors = drops.has(roomOf(body)) ? undefined : doorFor(routes, roomOf(body));
    turns += 1;
    const taken = doors ? await deliverToOne(doors.split('\n'), turns, text, authorization) : { status: 200 };
    if (seen.length < mostSeen) seen.push({ atMs, body, ...taken });
    return taken.status;
  }

  const server = createServer((request, response) => {
    take(request, response).catch((error: unknown) => answer(response, 500, String(error)));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(at.port, at.host, resolve);
  });
  const address = server.address();
  return {
    url: `http://${at.host}:${typeof address === 'object' && address ? address.port : 0}`,
    close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      return closed;
    },
  };
}

/** What a recorder or a stream tells names its room otherwise. */
const roomOf = ({ room, egressInfo, ingressInfo }: SeenWebhook['body']): string =>
  room?.name ?? egressInfo?.roomName ?? ingressInfo?.roomName ?? '';

function doorFor(routes: ReadonlyMap<string, string>, room: string): string | undefined {
  const wild = [...routes.keys()].filter((key) => key.endsWith('*') && room.startsWith(key.slice(0, -1)));
  return routes.get(room) ?? routes.get(wild.toSorted((a, b) => b.length - a.length)[0] ?? '');
}

/** As a load balancer does: a request that reached nobody is repeated to the next. */
async function deliverToOne(doors: readonly string[], first: number, text: string, authorization: string) {
  let taken = { status: 502, door: '' };
  for (let tries = 0; tries < doors.length && taken.status === 502; tries += 1) {
    const door = doors[(first + tries) % doors.length]!;
    // oxlint-disable-next-line no-await-in-loop
    taken = { status: await deliver(door, text, authorization), door };
  }
  return taken;
}

/** A door that cannot be reached is a failure that LiveKit repeats, as it would without us. */
async function deliver(door: string, text: string, authorization: string): Promise<number> {
  try {
    const headers = { authorization, 'content-type': 'application/webhook+json' };
    const response = await fetch(door, { method: 'POST', headers, body: text });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return 502;
  }
}

function answer(response: ServerResponse, status: number, body?: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body ?? null));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}
