import type { Server as HttpServer, IncomingMessage } from 'node:http';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { slowMs, type Fault, type Faults } from './faults.ts';
import type { Journal } from './journal.ts';

/** A TCP connection as accepted, below TLS. */
export interface Connection {
  readonly number: number;
  /** Ends it by RST, whatever was said on it. */
  reset(): void;
}

export interface Front {
  readonly port: number;
  /** The connection a request or upgrade came on. */
  connectionOf(request: IncomingMessage): Connection;
  /** Follows the list of faults: stops or begins to listen, drops connections. */
  follow(added: Fault | undefined): void;
  close(): Promise<void>;
}

/**
 * Accepts TCP in front of an HTTP or HTTPS server, so that faults can strike before either has read a byte,
 * and so that a TLS connection can be reset too.
 */
export async function openFront(options: {
  readonly inner: HttpServer;
  readonly faults: Faults;
  readonly journal: Journal;
  readonly port?: number;
}): Promise<Front> {
  const { inner, faults, journal } = options;
  const open = new Map<number, { connection: Connection; socket: Socket }>();
  let count = 0;

  function accept(socket: Socket): void {
    const number = ++count;
    const remotePort = socket.remotePort ?? 0;
    const connection = { number, reset: () => void socket.resetAndDestroy() };
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (open.get(remotePort)?.connection === connection) open.delete(remotePort);
      journal.note('connection.closed', { connection: number });
    });
    open.set(remotePort, { connection, socket });
    journal.note('connection.opened', { connection: number });
    const fault = faults.takeAtConnect({ connection: number });
    if (!fault) return void inner.emit('connection', socket);
    journal.note('fault.applied', { connection: number, fault });
    if (fault.kind === 'reset') connection.reset();
    else if (fault.kind === 'slow') acceptLater(socket, slowMs(fault));
    else socket.resume();
  }

  function acceptLater(socket: Socket, delayMs: number): void {
    const timer = setTimeout(() => inner.emit('connection', socket), delayMs);
    socket.once('close', () => clearTimeout(timer));
  }

  const server = createServer(accept);
  const port = await listen(server, options.port ?? 0);
  const reset = (number?: number) => {
    for (const { connection } of open.values())
      if (number === undefined || connection.number === number) connection.reset();
  };

  function refuse(): void {
    server.close();
    inner.closeIdleConnections();
  }

  return {
    port,
    // A TLS socket does not show the socket below it, but shares its remote port.
    connectionOf: ({ socket }) =>
      open.get(socket.remotePort ?? 0)?.connection ?? { number: 0, reset: () => void socket.destroy() },
    follow(added) {
      if (added?.kind === 'drop') reset(added.connection);
      const refusing = faults.list().some((fault) => fault.kind === 'refuse');
      if (refusing && server.listening) refuse();
      if (!refusing && !server.listening) server.listen(port, '127.0.0.1');
    },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const { socket } of open.values()) socket.destroy();
      await closed;
    },
  };
}

/** Listens on 127.0.0.1; port 0 is any free one. Gives the port. */
export function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}
