import { request as ask, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** Hands requests and upgrades on to the real server, byte for byte. */
export interface PassThrough {
  request(incoming: IncomingMessage, response: ServerResponse): void;
  upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Ends the upgraded connections that are open. */
  close(): void;
}

/** `upstream`: `http://host:port` of the real server. A server that cannot be reached is a 502. */
export function createPassThrough(upstream: string): PassThrough {
  const { hostname, port } = new URL(upstream);
  const open = new Set<Duplex>();
  const askAsIs = ({ method, url, rawHeaders }: IncomingMessage) =>
    ask({ hostname, port, method, path: url, headers: rawHeaders, setDefaultHeaders: false } as object);

  function hold(...sockets: readonly Duplex[]): void {
    for (const socket of sockets) {
      open.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        open.delete(socket);
        for (const other of sockets) other.destroy();
      });
    }
  }

  return {
    request(incoming, response) {
      const asking = askAsIs(incoming);
      asking.on('response', (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
        answer.pipe(response);
      });
      asking.on('error', () => (response.headersSent ? response.destroy() : response.writeHead(502).end()));
      response.on('close', () => asking.destroy());
      incoming.pipe(asking);
    },
    upgrade(incoming, socket, head) {
      const asking = askAsIs(incoming);
      socket.on('error', () => asking.destroy());
      asking.on('error', () => socket.destroy());
      asking.on('response', (answer) => {
        socket.write(headOf(answer));
        answer.pipe(socket);
      });
      asking.on('upgrade', (answer, real, realHead) => {
        socket.write(headOf(answer));
        hold(socket, real);
        if (realHead.length > 0) socket.write(realHead);
        if (head.length > 0) real.write(head);
        socket.pipe(real).pipe(socket);
      });
      asking.end();
    },
    close() {
      for (const socket of open) socket.destroy();
    },
  };
}

function headOf({ statusCode, statusMessage, rawHeaders }: IncomingMessage): string {
  const lines = rawHeaders.flatMap((name, i) => (i % 2 === 0 ? [`${name}: ${rawHeaders[i + 1]}`] : []));
  return [`HTTP/1.1 ${statusCode} ${statusMessage}`, ...lines, '', ''].join('\r\n');
}
