import { createServer as createHttp } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { Duplex } from 'node:stream';
import { onTestFinished } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { listen } from '../../emulators/kit/front.ts';

/** A frame with two reserved bits set: no WebSocket's. */
export const noFrame = Uint8Array.from([0xf1, 0x00]);

export interface OddServer {
  readonly port: number;
  /** Sockets that were upgraded so far. */
  upgraded(): number;
}

/** Upgrades whoever asks, and leaves each socket to the test, with what is under it. Closed when the test ends. */
export async function openOddServer(
  meet: (socket: WebSocket, under: Duplex) => void,
  tls?: { readonly key: string; readonly cert: string },
): Promise<OddServer> {
  const server = tls ? createHttps({ ...tls }) : createHttp();
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  let upgraded = 0;
  server.on('upgrade', (request, under: Duplex, head) => {
    under.on('error', () => undefined);
    sockets.handleUpgrade(request, under, head, (socket) => {
      upgraded += 1;
      socket.on('error', () => undefined);
      meet(socket, under);
    });
  });
  const port = await listen(server, 0);
  onTestFinished(async () => {
    for (const socket of sockets.clients) socket.terminate();
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  });
  return { port, upgraded: () => upgraded };
}
