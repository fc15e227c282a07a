import { DeepgramClient } from '@deepgram/sdk';
import type { TranscriberFact } from '../../actors/transcriber.ts';
import { msOf, samplesOf, sampleRateHz } from '../../audio/pcm.ts';
import type { Clock, TimerId } from '../../clock.ts';
import type { Failure } from '../../failure.ts';
import type { Secret } from '../../secret.ts';
import { shielded, type Threw } from '../shielded.ts';
import { createBacklog, createChunker } from './chunks.ts';
import { brokenSocket, notTaken, unreadable } from './failure.ts';
import { createTransport } from './transport.ts';

/** Where Deepgram, or its emulator, is, and how to get in. */
export interface DeepgramOptions {
  readonly apiKey: Secret;
  /** `wss://api.deepgram.com`, `wss://api.eu.deepgram.com` or an emulator's. */
  readonly wsUrl: string;
  /** The same host over https, for the SDK's REST calls. */
  readonly httpUrl: string;
  readonly clock: Clock;
  /** Sent with the handshake. An emulator finds a test's scenario by `x-emulator-scenario`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Told when a receiver of facts threw: that fact is lost. */
  readonly threw?: Threw;
}

/** What the sockets of both APIs have in common. */
export interface SdkSocket {
  readonly readyState: number;
  on(event: 'open', callback: () => void): void;
  on(event: 'message', callback: (message: unknown) => void): void;
  on(event: 'error', callback: (error: Error) => void): void;
  connect(): unknown;
  sendMedia(chunk: ArrayBufferView): void;
  sendCloseStream(message: { type: 'CloseStream' }): void;
}

/** Socket options that both APIs share, each one explicit: no reconnect, no deadline of the SDK's own. */
export interface SocketOptions {
  readonly abortSignal: AbortSignal;
  readonly headers: Record<string, string>;
  readonly debug: false;
  readonly reconnectAttempts: 0;
  readonly shouldReconnect: () => false;
  readonly connectionTimeoutInSeconds: number;
}

/** One API of Deepgram's, as the stream needs it. */
export interface Dialect<Socket extends SdkSocket> {
  dial(client: DeepgramClient, options: SocketOptions): Promise<Socket>;
  /** Facts of one message, or undefined when it cannot be read. */
  read(message: unknown): readonly TranscriberFact[] | undefined;
  /** Up to where the stream's sound is known of by this message, ms; left out where it does not say. */
  heardUntilMs(message: unknown): number | undefined;
  /** True when the stream counts as open with the socket; else `read` says so. */
  readonly opensWithSocket: boolean;
  readonly chunkMs: number;
  /** Called when nothing was sent for `idleMs`, and again after each further one. Gives how much of the silence it sent, in samples. */
  idle(socket: Socket, silence: Int16Array): number;
  readonly idleMs: number;
}

export interface Stream<Socket> {
  write(frame: Int16Array): void;
  /**
   * Runs when the stream is open, now or later, in order; never once it has ended. Of those from before the opening the last
   * hundred are kept. A throw is ignored: the close tells.
   */
  command(send: (socket: Socket) => void): void;
}

const maxBacklogMs = 5000;
/** A replayed backlog (160 KB) and two seconds more. */
const maxBufferedBytes = 224_000;
const maxUnreadable = 5;
const maxWaiting = 100;
/** Machines own the deadline of opening; the SDK insists on having one too. */
const sdkTimeoutSeconds = 86_400;

/**
 * Opens one stream over the SDK and lives until `signal` aborts or something fails, which is reported once as `stt.failed`.
 * Never throws. Frames from before the opening are kept (5 s, oldest dropped) and sent then.
 */
export function openStream<Socket extends SdkSocket>(
  dialect: Dialect<Socket>,
  options: DeepgramOptions,
  signal: AbortSignal,
  receiver: (fact: TranscriberFact) => void,
): Stream<Socket> {
  const { clock } = options;
  const report = shielded(receiver, options.threw);
  const connection = new AbortController();
  const transport = createTransport(fail);
  const backlog = createBacklog(samplesOf(maxBacklogMs));
  const chunker = createChunker(samplesOf(dialect.chunkMs), send);
  let waiting: ((socket: Socket) => void)[] = [];
  let socket: Socket | undefined;
  let state: 'opening' | 'open' | 'ended' = 'opening';
  let unread = 0;
  let sentAt = 0;
  let sentSamples = 0;
  let idleTimer: TimerId;

  async function connect(): Promise<void> {
    const client = clientFor(options, transport.factory);
    socket = await dialect.dial(client, socketOptions(connection.signal, options.headers));
    if (connection.signal.aborted) return;
    // `on` keeps one handler per event; there is no waitForOpen here because it may never settle.
    socket.on('open', () => dialect.opensWithSocket && opened());
    socket.on('message', take);
    socket.on('error', (error) => fail(brokenSocket(error, 'connect')));
    socket.connect();
  }

  function take(message: unknown): void {
    if (state === 'ended') return;
    try {
      const facts = dialect.read(message);
      if (facts) return facts.forEach((fact) => pass(placed(fact, message)));
    } catch {
      // The SDK would swallow it; counted like a message that could not be read.
    }
    unread += 1;
    if (unread >= maxUnreadable) fail(unreadable(unread));
  }

  /** Words, with how far behind the sound they are. */
  function placed(fact: TranscriberFact, message: unknown): TranscriberFact {
    if (fact.type !== 'stt.turn_ended' && fact.type !== 'stt.words') return fact;
    const untilMs = dialect.heardUntilMs(message);
    return untilMs === undefined ? fact : { ...fact, behindMs: Math.max(0, Math.round(msOf(sentSamples) - untilMs)) };
  }

  function pass(fact: TranscriberFact): void {
    if (fact.type === 'stt.opened') return opened();
    if (fact.type === 'stt.failed') return fail(fact.failure);
    if (state !== 'ended') report(fact);
  }

  function opened(): void {
    if (state !== 'opening') return;
    state = 'open';
    sentAt = clock.now();
    watchIdle();
    for (const run of waiting) attempt(run);
    waiting = [];
    backlog.drain().forEach(chunker.push);
    if (state === 'open') report({ type: 'stt.opened' });
  }

  function watchIdle(): void {
    idleTimer = clock.setTimeout(() => {
      const quietMs = clock.now() - sentAt;
      if (quietMs >= dialect.idleMs) keepAlive(quietMs);
      if (state === 'open') watchIdle();
    }, dialect.idleMs);
  }

  function keepAlive(quietMs: number): void {
    sentAt = clock.now();
    const silence = new Int16Array(samplesOf(Math.min(quietMs, 2 * dialect.idleMs)));
    attempt((open) => void (sentSamples += dialect.idle(open, silence)));
  }

  function attempt(run: (socket: Socket) => void): void {
    try {
      if (socket && state === 'open') run(socket);
    } catch {
      // "Socket is not open": it is closing, and the close says why.
    }
  }

  function send(chunk: Int16Array): void {
    const buffered = transport.bufferedBytes();
    if (buffered > maxBufferedBytes) return fail(notTaken(buffered));
    sentAt = clock.now();
    sentSamples += chunk.length;
    attempt((open) => open.sendMedia(chunk));
  }

  function fail(failure: Failure): void {
    if (end()) report({ type: 'stt.failed', failure });
  }

  function end(): boolean {
    if (state === 'ended') return false;
    attempt((open) => open.sendCloseStream({ type: 'CloseStream' }));
    state = 'ended';
    clock.clearTimeout(idleTimer);
    backlog.drain();
    waiting = [];
    connection.abort();
    return true;
  }

  if (signal.aborted) end();
  else {
    signal.addEventListener('abort', end, { once: true, signal: connection.signal });
    connect().catch((error: unknown) => fail(brokenSocket(error, 'connect')));
  }

  return {
    write(frame) {
      if (frame.length === 0) return; // An empty binary frame would end the stream at the vendor.
      if (state === 'open') chunker.push(frame);
      else if (state === 'opening') backlog.push(frame);
    },
    command(run) {
      if (state === 'open') attempt(run);
      else if (state === 'opening') waiting = [...waiting, run].slice(-maxWaiting);
    },
  };
}

function clientFor(options: DeepgramOptions, transportFactory: ReturnType<typeof createTransport>['factory']) {
  const { wsUrl, httpUrl } = options;
  return new DeepgramClient({
    apiKey: options.apiKey.reveal(),
    environment: { base: httpUrl, production: wsUrl, agent: wsUrl, agentRest: httpUrl },
    transportFactory,
    reconnect: false,
    maxRetries: 0,
  });
}

const socketOptions = (abortSignal: AbortSignal, headers: DeepgramOptions['headers']): SocketOptions => ({
  abortSignal,
  headers: { ...headers },
  debug: false,
  reconnectAttempts: 0,
  shouldReconnect: () => false,
  connectionTimeoutInSeconds: sdkTimeoutSeconds,
});

/** Query parameters that say what the audio is. */
export const audioFormat = { encoding: 'linear16', sample_rate: sampleRateHz } as const;
