import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { Clock } from '../clock.ts';
import { showAddress } from '../config.ts';
import type { Address } from '../config.ts';

export interface Listener {
  /** Where it listens, with the port the system chose when it was asked for 0. */
  readonly address: Address;
  /** `http://host:port` */
  readonly url: string;
  /** Takes no new connection, lets running requests end within the grace, then cuts the rest (event streams). Idempotent. */
  close(options?: { readonly graceMs?: number }): Promise<void>;
}

interface ListenOptions {
  readonly address: Address;
  /** The setting the address comes from, for the error. */
  readonly setting: string;
  readonly clock: Clock;
  /** A sender that trickles its request is cut off after this; answers may take as long as they like. Default 10,000. */
  readonly requestWithinMs?: number;
}

/** `env` is Node's request and answer, as Hono passes it on. */
type Fetch = (request: Request, env?: object) => Response | Promise<Response>;

/** More are refused by closing them; LiveKit keeps one or two for each room with news. */
const mostConnections = 2_000;

/** Serves an app. Rejects with a `ListenError` that names the setting. */
export async function listen(app: { readonly fetch: Fetch }, options: ListenOptions): Promise<Listener> {
  const handle = getRequestListener((request, env) => app.fetch(request, env), { overrideGlobalObjects: false });
  const { requestWithinMs = 10_000 } = options;
  let closed: Promise<void> | undefined;
  const server = createServer(
    {
      requestTimeout: requestWithinMs,
      headersTimeout: requestWithinMs,
      connectionsCheckingInterval: Math.min(1_000, requestWithinMs),
    },
    (incoming, outgoing) => {
      // While closing, a connection whose request has ended would stay for its keep-alive time.
      outgoing.once('finish', () => void (closed && setImmediate(() => server.closeIdleConnections())));
      void handle(incoming, outgoing);
    },
  );
  server.maxConnections = mostConnections;
  const { host, port } = options.address;
  await new Promise<void>((resolve, reject) => {
    server.on('error', (error: NodeJS.ErrnoException) => reject(new ListenError(options, error.code ?? 'unknown')));
    server.listen(port, host, resolve);
  });
  const address = { host, port: (server.address() as AddressInfo).port };

  const close = ({ graceMs = 500 } = {}): Promise<void> =>
    new Promise((resolve) => {
      const cut = options.clock.setTimeout(() => server.closeAllConnections(), graceMs);
      server.close(() => {
        options.clock.clearTimeout(cut);
        resolve();
      });
      server.closeIdleConnections();
    });
  return { address, url: `http://${showAddress(address)}`, close: (grace) => (closed ??= close(grace)) };
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use by another program',
  EACCES: 'is not allowed to this user (ports under 1024 need a right)',
  EADDRNOTAVAIL: 'is no address of this machine',
  ENOTFOUND: 'names no host that is known here',
};

/** The address cannot be listened on. */
class ListenError extends Error {
  readonly code: string;

  constructor({ setting, address }: Pick<ListenOptions, 'setting' | 'address'>, code: string) {
    super(`${setting}: ${showAddress(address)} ${reasons[code] ?? `cannot be listened on (${code})`}; choose another`);
    this.name = 'ListenError';
    this.code = code;
  }
}
