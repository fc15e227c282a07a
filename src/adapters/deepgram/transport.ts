import type { IncomingMessage } from 'node:http';
import type { DeepgramClient } from '@deepgram/sdk';
import { WebSocket } from 'ws';
import type { Failure } from '../../failure.ts';
import { brokenSocket, closedByVendor, refusedHandshake } from './failure.ts';

type Factory = NonNullable<NonNullable<ConstructorParameters<typeof DeepgramClient>[0]>['transportFactory']>;
type SdkTransport = Awaited<ReturnType<Factory>>;

const maxBodyBytes = 4096;
const socketOptions = { perMessageDeflate: false, followRedirects: false, maxPayload: 1 << 20, closeTimeout: 1000 };

/** The socket under one SDK connection, with what the SDK hides of it. */
export interface Transport {
  readonly factory: Factory;
  /** Bytes handed over and not yet taken by the network; the SDK counts only its own queue. */
  bufferedBytes(): number;
}

/**
 * Replaces the SDK's transport: status and body of a refused handshake, errno and close code arrive as one `Failure`
 * (of which there may be several; the first is the cause), and the SDK's own reconnects are off.
 */
export function createTransport(failed: (failure: Failure) => void): Transport {
  let socket: WebSocket | undefined;
  const factory: Factory = (url, headers) => {
    try {
      socket = new WebSocket(url, { ...socketOptions, headers });
    } catch (error) {
      failed(brokenSocket(error, 'connect'));
      throw error;
    }
    watch(socket, failed);
    return transportOver(socket);
  };
  return { factory, bufferedBytes: () => socket?.bufferedAmount ?? 0 };
}

function watch(socket: WebSocket, failed: (failure: Failure) => void): void {
  let opened = false;
  socket.on('open', () => (opened = true));
  socket.on('unexpected-response', (_request, response) => {
    readBody(response, (body) => {
      failed(refusalOf(response, body));
      socket.terminate();
    });
  });
  socket.on('error', (error) => failed(brokenSocket(error, opened ? 'stream' : 'connect')));
  socket.on('close', (code, reason) => failed(closedByVendor(code, String(reason), opened ? 'stream' : 'handshake')));
}

function refusalOf(response: IncomingMessage, body: string): Failure {
  const header = (name: string) => response.headers[name]?.toString();
  return refusedHandshake({ status: response.statusCode ?? 0, header, body });
}

/** Gives the body once, however it ends; only its beginning is kept. */
function readBody(response: IncomingMessage, done: (body: string) => void): void {
  let body = '';
  response.setEncoding('utf8');
  response.on('data', (piece: string) => (body = (body + piece).slice(0, maxBodyBytes)));
  response.on('error', () => {});
  response.on('close', () => done(body));
}

function transportOver(socket: WebSocket): SdkTransport {
  return {
    send: (data) => socket.send(data as string | Uint8Array),
    onOpen: (listener) => socket.on('open', listener),
    onMessage: (listener) =>
      socket.on('message', (data, isBinary) => listener(isBinary ? (data as Buffer) : String(data))),
    // Errors go to `failed` whole; the SDK would keep their text only and close with it as a reason.
    onError: () => {},
    onClose: (listener) => socket.on('close', (code) => listener({ code })),
    isOpen: () => socket.readyState === WebSocket.OPEN,
    close: () => (socket.readyState === WebSocket.CONNECTING ? socket.terminate() : socket.close(1000)),
  };
}
