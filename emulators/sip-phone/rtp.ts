import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { decodeMulaw, encodeMulaw } from '../../src/audio/mulaw.ts';
import type { MouthSink } from '../phone/mouth.ts';
import { lineFrameMs, lineFrameSamples } from '../phone/telephone-band.ts';
import { keyNames, packetsOfKey } from './keys.ts';
import type { Offer } from './sdp.ts';

const headerBytes = 12;

/** The sound of one call by RTP (RFC 3550), PCMU both ways. */
export interface RtpLine {
  readonly port: number;
  /** Sends where the offer says; nothing is sent before. */
  readonly sink: MouthSink;
  connect(offer: Offer): void;
  /** Presses a key, after those that are being pressed; its sound is silent meanwhile. Nothing where the other side offered none. */
  sendKey(key: string): Promise<void>;
  close(): void;
}

/** `hear` gets 8 kHz PCM as it comes, `press` each key of the other side once. */
export async function openRtp(parts: {
  readonly host: string;
  readonly now: () => number;
  readonly hear: (pcm: Int16Array) => void;
  readonly press: (key: string) => void;
}): Promise<RtpLine> {
  const { host, now, hear } = parts;
  const socket = createSocket('udp4');
  const stream = { sequence: randomInt(65_536), timestamp: randomInt(2 ** 31), source: randomInt(2 ** 31) };
  let far: Offer | undefined;
  let dueMs = 0;
  let lastKeyAt: number | undefined;
  /** The sound of a key goes out instead of any other. */
  let sends: 'sound' | 'key' = 'sound';
  let pressed = Promise.resolve();

  socket.on('message', (packet) => {
    if (packet.length < headerBytes || packet[0]! >> 6 !== 2) return;
    const type = packet[1]! & 0x7f;
    const payload = packet.subarray(headerBytes + 4 * (packet[0]! & 0x0f));
    if (type === 0) hear(decodeMulaw(payload));
    else if (type === far?.keys) takeKey(payload, packet.readUInt32BE(4));
  });

  /** RFC 4733 §2.5: every packet of one key has the timestamp of its beginning. */
  function takeKey(payload: Buffer, startedAt: number): void {
    if (startedAt === lastKeyAt) return;
    lastKeyAt = startedAt;
    parts.press(keyNames[payload[0]!] ?? '?');
  }

  function headerOf(type: number, timestamp: number): Buffer {
    const header = Buffer.from([0x80, type, ...Array<number>(headerBytes - 2).fill(0)]);
    header.writeUInt16BE((stream.sequence = (stream.sequence + 1) % 65_536), 2);
    header.writeUInt32BE(timestamp, 4);
    header.writeUInt32BE(stream.source, 8);
    return header;
  }

  function send({ address, port }: Offer, header: Buffer, payload: Uint8Array): void {
    socket.send(Buffer.concat([header, payload]), port, address);
  }

  function sendKey(key: string): Promise<void> {
    const pressing = pressed.then(() => press(key));
    pressed = pressing.catch(() => undefined);
    return pressing;
  }

  async function press(key: string): Promise<void> {
    if (far?.keys === undefined) return;
    sends = 'key';
    const startedAt = stream.timestamp;
    for (const { payload, isFirst } of packetsOfKey(key)) {
      send(far, headerOf((isFirst ? 0x80 : 0) + far.keys, startedAt), payload);
      // oxlint-disable-next-line no-await-in-loop
      await new Promise((resolve) => void setTimeout(resolve, lineFrameMs));
    }
    sends = 'sound';
  }

  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(0, host, resolve);
  });
  // Nobody listens there any more: the call is over, and SIP says so.
  socket.on('error', () => undefined);
  return {
    port: socket.address().port,
    sendKey,
    connect: (offer) => void (far = offer),
    sink: {
      async capture(frame) {
        dueMs = Math.max(dueMs, now()) + lineFrameMs;
        stream.timestamp = (stream.timestamp + lineFrameSamples) % 2 ** 32;
        if (far && sends === 'sound') send(far, headerOf(0, stream.timestamp), encodeMulaw(frame));
      },
      queuedMs: () => Math.max(0, dueMs - now()),
      clear: () => undefined,
    },
    close: () => void socket.close(),
  };
}
