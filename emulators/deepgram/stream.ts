import type { WebSocket } from 'ws';
import { decodeMulaw } from '../../src/audio/mulaw.ts';
import type { Journal } from '../kit/journal.ts';
import type { Arrival } from '../kit/emulator.ts';
import { createFluxSession } from './flux-session.ts';
import { createInTurn } from './in-turn.ts';
import { createNovaSession } from './nova-session.ts';
import { createOutbox, type Outbox } from './outbox.ts';
import { createRecogniser } from './recogniser.ts';
import type { Script } from './script.ts';
import type { Session } from './session.ts';
import type { Settings } from '../kit/settings.ts';
import type { DeepgramSettings } from './settings.ts';

export interface StreamOptions {
  readonly socket: WebSocket;
  readonly arrival: Arrival;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly requestId: string;
  readonly settings: Settings<DeepgramSettings>;
  readonly journal: Journal;
  readonly script: Script;
  readonly scenario: string | undefined;
}

const watchEveryMs = 50;

/** One live stream of either API: audio and text in, messages out, until either side closes. */
export function serveStream(options: StreamOptions): Outbox {
  const { socket, arrival, settings, query, journal } = options;
  const connection = arrival.connection.number;
  const note = (type: string, details: Readonly<Record<string, unknown>> = {}) =>
    journal.note(type, { connection, ...details });
  const outbox = createOutbox({
    socket,
    connection: arrival.connection,
    fault: arrival.fault,
    sent: (message) => note('message.sent', { message }),
  });
  const recogniser = createRecogniser({
    sampleRateHz: Number(query.get('sample_rate')),
    nextSound: (levelDb, onset) => options.script.take(options.scenario, levelDb, onset),
    damaged: (startMs) => note('word.damaged', { startMs }),
  });
  const session = sessionFor(options, recogniser, outbox);
  const read = audioReader(query.get('encoding')!);
  const inbox = createInTurn();
  let audioBytes = 0;
  let audioAt = performance.now();
  let anyAt = audioAt;

  function onAudio(data: Buffer): void {
    if (data.length === 0) return inbox.add(0, session.finish);
    audioBytes += data.length;
    audioAt = performance.now();
    const pcm = read(data);
    const { maxSpeed } = settings.values;
    const audioMs = (pcm.length * 1000) / Number(query.get('sample_rate'));
    inbox.add(maxSpeed > 0 ? audioMs / maxSpeed : 0, () => hear(pcm));
  }

  function hear(pcm: Int16Array): void {
    if (!session.hearing()) return void note('audio.lost', { samples: pcm.length });
    recogniser.push(pcm, (onset) => {
      if (onset) note('sound.began', { onsetMs: recogniser.meter.onsetMs });
      session.advance(onset);
    });
  }

  function onText(text: string): void {
    const message = parse(text);
    note('message.received', { message: message ?? text });
    inbox.add(0, () => session.receive(message));
  }

  socket.on('message', (data: Buffer, isBinary) => {
    anyAt = performance.now();
    if (isBinary) onAudio(data);
    else onText(String(data));
  });
  socket.on('error', (error) => note('stream.error', { message: error.message }));
  const watch = setInterval(() => {
    const now = performance.now();
    session.starved({ audioMs: now - audioAt, anyMs: now - anyAt });
  }, watchEveryMs);
  const opening = setTimeout(session.open, settings.values.connectedDelayMs);
  socket.on('close', (code, reason) => {
    clearInterval(watch);
    clearTimeout(opening);
    inbox.end();
    outbox.end();
    note('stream.closed', { code, reason: String(reason), audioBytes });
  });
  return outbox;
}

function sessionFor(options: StreamOptions, recogniser: ReturnType<typeof createRecogniser>, outbox: Outbox): Session {
  const { path, query, requestId, settings } = options;
  const context = { requestId, query, settings, recogniser, send: outbox.send, close: outbox.close };
  return path === '/v2/listen' ? createFluxSession(context) : createNovaSession(context);
}

/** Bytes of the wire to PCM; half a sample waits for its other half. */
function audioReader(encoding: string): (data: Buffer) => Int16Array {
  if (encoding === 'mulaw') return decodeMulaw;
  let rest: Buffer = Buffer.alloc(0);
  return (data) => {
    const bytes = rest.length > 0 ? Buffer.concat([rest, data]) : data;
    const whole = bytes.length - (bytes.length % 2);
    rest = bytes.subarray(whole);
    return new Int16Array(new Uint8Array(bytes.subarray(0, whole)).buffer);
  };
}

function parse(text: string): { readonly type?: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
