import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Faults } from './faults.ts';
import { listen } from './front.ts';
import type { Journal } from './journal.ts';
import type { Settings } from './settings.ts';

const mostBodyBytes = 1_000_000;

export type ControlAnswer = { readonly status?: number; readonly body: unknown };
export type ControlHandler = (input: { readonly body: unknown; readonly query: URLSearchParams }) => ControlAnswer;

/**
 * The HTTP side door of an emulator:
 * `GET|POST|DELETE /faults`, `GET|DELETE /journal` (`?since=&type=`), `GET|POST /settings`, and what `more` adds.
 * Answers JSON; 400 names what was wrong with the input.
 */
export async function openControl(options: {
  readonly faults: Faults;
  readonly journal: Journal;
  readonly settings: Settings<Record<string, unknown>>;
  readonly port?: number;
  readonly more?: Readonly<Record<string, ControlHandler>>;
}): Promise<{ readonly url: string; close(): Promise<void> }> {
  const { faults, journal, settings } = options;
  const routes: Readonly<Record<string, ControlHandler>> = {
    'GET /faults': () => ({ body: faults.list() }),
    'POST /faults': ({ body }) => {
      for (const fault of Array.isArray(body) ? body : [body]) faults.add(fault);
      return { status: 201, body: faults.list() };
    },
    'DELETE /faults': () => {
      faults.clear();
      return { body: [] };
    },
    'GET /journal': ({ query }) => ({
      body: journal.entries({
        since: Number(query.get('since') ?? 0),
        ...(query.get('type') ? { type: query.get('type')! } : {}),
      }),
    }),
    'DELETE /journal': () => {
      journal.clear();
      return { body: [] };
    },
    'GET /settings': () => ({ body: settings.values }),
    'POST /settings': ({ body }) => {
      settings.change(body);
      return { body: settings.values };
    },
    ...options.more,
  };
  const server = createServer((request, response) => void serve(routes, request, response));
  const port = await listen(server, options.port ?? 0);
  return {
    url: `http://127.0.0.1:${port}`,
    close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      return closed;
    },
  };
}

async function serve(
  routes: Readonly<Record<string, ControlHandler>>,
  request: IncomingMessage,
  response: ServerResponse,
) {
  const { status = 200, body } = await answer(routes, request);
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function answer(
  routes: Readonly<Record<string, ControlHandler>>,
  request: IncomingMessage,
): Promise<ControlAnswer> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://control');
  const handler = routes[`${request.method} ${pathname}`];
  if (!handler) return { status: 404, body: { error: `no such route; there are ${Object.keys(routes).join(', ')}` } };
  try {
    const text = await readBody(request, mostBodyBytes);
    return handler({ body: text ? JSON.parse(text) : undefined, query: searchParams });
  } catch (error) {
    return { status: 400, body: { error: error instanceof Error ? error.message : String(error) } };
  }
}

/** The whole body as text; rejects over `mostBytes` and when the sender goes away. */
export async function readBody(request: IncomingMessage, mostBytes: number): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > mostBytes) throw new Error(`body: over ${mostBytes} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}
