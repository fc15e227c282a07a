import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../clock.ts';
import type { Failure } from '../../failure.ts';
import { readMessage, type VoiceMessage } from './codec.ts';
import { brokenSocket, closedByVendor, notTaken, refusedHandshake, unreadable } from './failure.ts';
import { openSdkSocket, type SdkOptions, type SdkSocket } from './sdk.ts';

/** One utterance on a socket. After `lost` it is attached no more. */
export interface Tenant {
  opened(): void;
  message(message: VoiceMessage): void;
  lost(failure: Failure): void;
  /** Since when an answer is owed, if one is. */
  waitingSince(): number | undefined;
}

/** One socket that several utterances share. Never comes back once lost. */
export interface Link {
  state(): 'connecting' | 'open' | 'lost';
  /**
   * Sends, or gives up silently when the socket is not open: the SDK would reconnect and forget everybody. Breaks the socket
   * off, for all who share it, when over 1 MiB waits to be taken.
   */
  send(message: Parameters<SdkSocket['sdk']['send']>[0]): void;
  attach(tenant: Tenant): void;
  detach(tenant: Tenant): void;
  tenants(): number;
  /** When something was last sent or received. */
  usedAt(): number;
  /** An answer has been owed for this long while nothing at all came. */
  silentMs(): number;
  /** Takes nobody new and closes when the last one has gone. */
  retire(): void;
  retired(): boolean;
  close(): void;
}

const openState = 1;
const maxBodyBytes = 4096;
/** Speech is asked for by a kilobyte a second: so much waits only where the vendor reads no more. */
const maxBufferedBytes = 1 << 20;

export function openLink(options: SdkOptions, clock: Clock, scrub: (failure: Failure) => Failure): Link {
  const tenants = new Set<Tenant>();
  let state: 'connecting' | 'open' | 'lost' = 'connecting';
  let retired = false;
  let usedAt = clock.now();
  let heardAt = usedAt;
  let connection: SdkSocket | undefined;

  function lose(failure: Failure): void {
    if (state === 'lost') return;
    state = 'lost';
    const present = [...tenants];
    tenants.clear();
    for (const tenant of present) tenant.lost(scrub(failure));
  }

  function receive(event: unknown): void {
    usedAt = heardAt = clock.now();
    const message = readMessage(event);
    if (message === 'unknown' || state === 'lost') return;
    if (message === 'unreadable') return breakOff(unreadable());
    for (const tenant of tenants) tenant.message(message);
  }

  function breakOff(failure: Failure): void {
    lose(failure);
    connection?.socket.terminate();
  }

  function opened(): void {
    if (state !== 'connecting') return;
    state = 'open';
    usedAt = clock.now();
    for (const tenant of tenants) tenant.opened();
  }

  function leave(): void {
    if (retired && tenants.size === 0) connection?.socket.close(1000);
  }

  try {
    connection = openSdkSocket(options);
    watch(connection, {
      opened,
      receive,
      lose,
      breakOff,
      phase: () => (state === 'connecting' ? 'connect' : 'stream'),
    });
  } catch (error) {
    // A base URL that is none, a key that no header can carry.
    const failure = brokenSocket(error, 'connect');
    queueMicrotask(() => lose(failure));
  }

  return {
    state: () => state,
    send(message) {
      if (state !== 'open' || connection?.socket.readyState !== openState) return;
      const { bufferedAmount } = connection.socket;
      if (bufferedAmount > maxBufferedBytes) return breakOff(notTaken(bufferedAmount));
      usedAt = clock.now();
      // Resolves without sending when the socket goes in between; its close is reported anyway.
      void connection.sdk.send(message).catch(() => undefined);
    },
    attach: (tenant) => void tenants.add(tenant),
    detach(tenant) {
      tenants.delete(tenant);
      leave();
    },
    tenants: () => tenants.size,
    usedAt: () => usedAt,
    silentMs: () => Math.max(0, ...[...tenants].map((tenant) => owedMs(tenant.waitingSince(), heardAt, clock.now()))),
    retire() {
      retired = true;
      leave();
    },
    retired: () => retired,
    close() {
      retired = true;
      connection?.socket.close(1000);
    },
  };
}

const owedMs = (since: number | undefined, heardAt: number, now: number): number =>
  since === undefined ? 0 : now - Math.max(since, heardAt);

interface Watcher {
  opened(): void;
  receive(event: unknown): void;
  lose(failure: Failure): void;
  breakOff(failure: Failure): void;
  phase(): 'connect' | 'stream';
}

/** Attaches everything in the same turn as the socket was made: an error nobody hears is an unhandled rejection in the SDK. */
function watch({ sdk, socket }: SdkSocket, watcher: Watcher): void {
  guard(socket, () => watcher.breakOff(unreadable()));
  sdk.on('error', (error) => {
    // Error events of the server come by `event` too, with all their fields.
    if (error.error) return;
    if (error.cause instanceof SyntaxError) watcher.breakOff(unreadable());
    else
      watcher.lose(brokenSocket((error.cause as { error?: unknown })?.error ?? error.cause ?? error, watcher.phase()));
  });
  sdk.on('event', watcher.receive);
  socket.on('unexpected-response', (_request, response) => {
    readBody(response, (body) => {
      const header = (name: string) => response.headers[name]?.toString();
      watcher.breakOff(refusedHandshake(response.statusCode ?? 0, header, body));
    });
  });
  socket.on('open', watcher.opened);
  socket.on('close', (code, reason) => watcher.lose(closedByVendor(code, String(reason), watcher.phase())));
  sdk.connect().catch(() => undefined);
}

/** The SDK decodes a chunk in the socket's own event: one without its data would throw there, and end the process. */
function guard(socket: SdkSocket['socket'], threw: () => void): void {
  const emit = socket.emit.bind(socket) as (...args: unknown[]) => boolean;
  socket.emit = ((...args: unknown[]) => {
    try {
      return emit(...args);
    } catch {
      threw();
      return true;
    }
  }) as typeof socket.emit;
}

/** Gives the body once, however it ends; only its beginning is kept. */
function readBody(response: IncomingMessage, done: (body: string) => void): void {
  let body = '';
  response.setEncoding('utf8');
  response.on('data', (piece: string) => (body = (body + piece).slice(0, maxBodyBytes)));
  response.on('error', () => {});
  response.on('close', () => done(body));
}
