import { decodeMulaw, encodeMulaw } from './mulaw.ts';

/** Mono sound with its rate. */
export interface Sound {
  readonly sampleRateHz: number;
  readonly pcm: Int16Array;
}

/** 16-bit PCM, or G.711 mu-law as telephones send it. */
export type WavEncoding = 'pcm16' | 'mulaw';

const formats: Record<WavEncoding, { readonly tag: number; readonly bytes: number }> = {
  pcm16: { tag: 1, bytes: 2 },
  mulaw: { tag: 7, bytes: 1 },
};

/** Makes a WAV file. */
export function writeWav(sound: Sound, encoding: WavEncoding): Uint8Array {
  const { tag, bytes } = formats[encoding];
  const data = encoding === 'mulaw' ? encodeMulaw(sound.pcm) : littleEndian(sound.pcm);
  const file = new Uint8Array(44 + data.length + (data.length % 2));
  const view = new DataView(file.buffer);
  putText(file, 0, 'RIFF');
  view.setUint32(4, file.length - 8, true);
  putText(file, 8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, tag, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, sound.sampleRateHz, true);
  view.setUint32(28, sound.sampleRateHz * bytes, true);
  view.setUint16(32, bytes, true);
  view.setUint16(34, 8 * bytes, true);
  putText(file, 36, 'data');
  view.setUint32(40, data.length, true);
  file.set(data, 44);
  return file;
}

/**
 * Reads a mono WAV file of 16-bit PCM or mu-law. A data chunk that claims more than there is (a stream written to a pipe)
 * is read to its end. Throws an `Error` that says what is wrong with any other file.
 */
export function readWav(file: Uint8Array): Sound {
  if (textAt(file, 0) !== 'RIFF' || textAt(file, 8) !== 'WAVE') throw new Error('not a WAV file: no RIFF/WAVE header');
  const format = chunk(file, 'fmt ');
  const data = chunk(file, 'data');
  if (!format || format.length < 16) throw new Error('bad WAV file: no complete "fmt " chunk');
  if (!data) throw new Error('bad WAV file: no "data" chunk');
  const view = new DataView(format.buffer, format.byteOffset, format.length);
  const encoding = encodingOf(view.getUint16(0, true), view.getUint16(14, true));
  const channels = view.getUint16(2, true);
  if (channels !== 1) throw new Error(`WAV file has ${channels} channels; allowed: 1`);
  return { sampleRateHz: rateOf(view), pcm: encoding === 'mulaw' ? decodeMulaw(data) : fromLittleEndian(data) };
}

function encodingOf(tag: number, bits: number): WavEncoding {
  for (const encoding of ['pcm16', 'mulaw'] as const) {
    if (formats[encoding].tag === tag && formats[encoding].bytes * 8 === bits) return encoding;
  }
  throw new Error(`WAV file has format ${tag} with ${bits} bits; allowed: 1 (PCM) with 16, 7 (mu-law) with 8`);
}

function rateOf(format: DataView): number {
  const rate = format.getUint32(4, true);
  if (rate < 8000 || rate > 48_000) throw new Error(`WAV file has ${rate} Hz; allowed: 8000…48000`);
  return rate;
}

function chunk(file: Uint8Array, name: string): Uint8Array | undefined {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  for (let at = 12; at + 8 <= file.length;) {
    const length = view.getUint32(at + 4, true);
    if (textAt(file, at) === name) return file.subarray(at + 8, at + 8 + length);
    at += 8 + length + (length % 2);
  }
  return undefined;
}

function littleEndian(pcm: Int16Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(2 * pcm.length));
  for (const [i, sample] of pcm.entries()) view.setInt16(2 * i, sample, true);
  return new Uint8Array(view.buffer);
}

function fromLittleEndian(bytes: Uint8Array): Int16Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Int16Array.from({ length: bytes.length >> 1 }, (_, i) => view.getInt16(2 * i, true));
}

const textAt = (file: Uint8Array, at: number): string => String.fromCharCode(...file.subarray(at, at + 4));

function putText(file: Uint8Array, at: number, text: string): void {
  for (let i = 0; i < text.length; i += 1) file[at + i] = text.charCodeAt(i);
}
