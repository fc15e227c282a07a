import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';

/** Passes messages on to whoever watches from this machine; takes none. */
export interface Relay {
  readonly url: string;
  send(message: string): void;
  close(): Promise<void>;
}

export interface RelayOptions {
  readonly page: string;
  /** Content security policy of the page. */
  readonly policy: string;
  /** What a watcher is told first: how things stand now. */
  readonly standing: () => Iterable<string>;
}

/** A watcher that has not taken this much is let go: it comes again and is told how things stand. */
const mostWaitingBytes = 4_000_000;

/** Listens on 127.0.0.1 alone, on a port the system chooses. */
export async function openRelay({ page, policy, standing }: RelayOptions): Promise<Relay> {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 1_024 });
  const server = createServer((request, response) => {
    if (!isOurs(request, server)) return response.writeHead(403).end();
    const headers = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy };
    return response.writeHead(200, headers).end(page);
  });
  server.on('upgrade', (request, socket, head) => {
    if (!isOurs(request, server)) return socket.destroy();
    return sockets.handleUpgrade(request, socket, head, (watcher) => {
      watcher.on('error', () => watcher.terminate());
      for (const message of standing()) watcher.send(message);
    });
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  return {
    url: `http://${hostOf(server)}`,
    send(message) {
      for (const watcher of sockets.clients)
        if (watcher.bufferedAmount > mostWaitingBytes) watcher.terminate();
        else if (watcher.readyState === WebSocket.OPEN) watcher.send(message);
    },
    close: () =>
      new Promise((resolve) => {
        for (const watcher of sockets.clients) watcher.terminate();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const hostOf = (server: Server): string => `127.0.0.1:${(server.address() as AddressInfo).port}`;

/** Pages of others, and names that were bound to 127.0.0.1 by others, do not get in. */
function isOurs({ headers: { host, origin } }: IncomingMessage, server: Server): boolean {
  const ours = hostOf(server);
  return host === ours && (origin === undefined || origin === `http://${ours}`);
}
