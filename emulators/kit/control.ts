import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Faults } from './faults.ts';
import { listen } from './front.ts';
import type { Journal } from './journal.ts';
import type { Settings } from './settings.ts';

const mostBodyBytes = 1_000_000;

export type ControlAnswer = { readonly status?: number; readonly body: unknown };
export type ControlHandler = (input: {
  readonly body: unknown;
  readonly query: URLSearchParams;
}) => ControlAnswer | Promise<ControlAnswer>;

/** Handlers by method and path, such as `POST /faults`. */
export type ControlRoutes = Readonly<Record<string, ControlHandler>>;

export interface ControlServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * The HTTP side door of an emulator:
 * `GET|POST|DELETE /faults`, `GET|DELETE /journal` (`?since=&type=`), `GET|POST /settings`, and what `more` adds.
 */
export function openControl(options: {
  readonly faults: Faults;
  readonly journal: Journal;
  readonly settings: Settings<Record<string, unknown>>;
  readonly port?: number;
  readonly more?: ControlRoutes;
}): Promise<ControlServer> {
  const { faults, journal, settings, port = 0 } = options;
  const routes: ControlRoutes = {
    'GET /faults': () => ({ body: faults.list() }),
    'POST /faults': ({ body }) => {
      for (const fault of Array.isArray(body) ? body : [body]) faults.add(fault);
      return { status: 201, body: faults.list() };
    },
    'DELETE /faults': () => {
      faults.clear();
      return { body: [] };
    },
    ...journalRoutes(journal),
    'GET /settings': () => ({ body: settings.values }),
    'POST /settings': ({ body }) => {
      settings.change(body);
      return { body: settings.values };
    },
    ...options.more,
  };
  return serveRoutes(routes, port);
}

export const journalRoutes = (journal: Journal): ControlRoutes => ({
  'GET /journal': ({ query }) => ({
    body: journal.entries({ since: sinceOf(query), ...(query.get('type') ? { type: query.get('type')! } : {}) }),
  }),
  'DELETE /journal': () => {
    journal.clear();
    return { body: [] };
  },
});

function sinceOf(query: URLSearchParams): number {
  const text = query.get('since') ?? '0';
  if (/^\d+$/.test(text)) return Number(text);
  throw new Error(`since: got ${JSON.stringify(text)}, allowed is the "n" of an entry`);
}

/** Listens on 127.0.0.1 and answers JSON; what a handler throws is a 400 that says so. */
export async function serveRoutes(routes: ControlRoutes, port: number): Promise<ControlServer> {
  const server = createServer((request, response) => void serve(routes, request, response));
  const url = `http://127.0.0.1:${await listen(server, port)}`;
  return {
    url,
    close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      return closed;
    },
  };
}

async function serve(routes: ControlRoutes, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { status = 200, body } = await answer(routes, request);
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function answer(routes: ControlRoutes, request: IncomingMessage): Promise<ControlAnswer> {
  try {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://control');
    const handler = routes[`${request.method} ${pathname}`];
    if (!handler) return { status: 404, body: { error: `no such route; there are ${Object.keys(routes).join(', ')}` } };
    const text = await readBody(request, mostBodyBytes);
    return await handler({ body: text ? JSON.parse(text) : undefined, query: searchParams });
  } catch (error) {
    return { status: 400, body: { error: error instanceof Error ? error.message : String(error) } };
  }
}

/** The whole body as text; rejects over `mostBytes` and when the sender goes away. */
const readBody = async (request: IncomingMessage, mostBytes: number): Promise<string> =>
  (await readBytes(request, mostBytes)).toString('utf8');

/** The whole body; rejects as `readBody` does. */
export async function readBytes(request: IncomingMessage, mostBytes: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > mostBytes) throw new Error(`body: over ${mostBytes} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
