import { createUpsampler } from '../../src/audio/resample.ts';

/** 16-bit mono PCM of a WAV file as 16 kHz samples. Throws a readable error for another kind of file. */
export function readWav(bytes: Uint8Array): Int16Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 44 || tag(view, 0) !== 'RIFF' || tag(view, 8) !== 'WAVE') throw new Error('not a WAV file');
  const format = chunk(view, 'fmt ');
  const data = chunk(view, 'data');
  if (!format || !data) throw new Error('WAV file without a fmt and a data chunk');
  const rateHz = view.getUint32(format.at + 4, true);
  const kind = [
    view.getUint16(format.at, true),
    view.getUint16(format.at + 2, true),
    view.getUint16(format.at + 14, true),
  ];
  if (kind.join() !== '1,1,16')
    throw new Error(`WAV must be 16-bit PCM, mono; format, channels, bits are ${kind.join()}`);
  const samples = Int16Array.from({ length: data.bytes >> 1 }, (_, i) => view.getInt16(data.at + 2 * i, true));
  if (rateHz === 16_000) return samples;
  if (rateHz === 8000) return createUpsampler().push(samples);
  throw new Error(`WAV must have 8,000 or 16,000 samples a second, has ${rateHz}`);
}

/** A WAV file of 16-bit mono PCM. */
export function wavOf(pcm: Int16Array, rateHz = 16_000): Uint8Array {
  const bytes = new Uint8Array(44 + 2 * pcm.length);
  const view = new DataView(bytes.buffer);
  const text = (at: number, value: string) => bytes.set(new TextEncoder().encode(value), at);
  text(0, 'RIFF');
  view.setUint32(4, 36 + 2 * pcm.length, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, rateHz, true);
  view.setUint32(28, 2 * rateHz, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, 'data');
  view.setUint32(40, 2 * pcm.length, true);
  for (const [i, sample] of pcm.entries()) view.setInt16(44 + 2 * i, sample, true);
  return bytes;
}

function chunk(view: DataView, name: string): { at: number; bytes: number } | undefined {
  for (let at = 12; at + 8 <= view.byteLength;) {
    const bytes = Math.min(view.getUint32(at + 4, true), view.byteLength - at - 8);
    if (tag(view, at) === name) return { at: at + 8, bytes };
    at += 8 + bytes + (bytes % 2);
  }
  return undefined;
}

const tag = (view: DataView, at: number): string =>
  String.fromCharCode(...[0, 1, 2, 3].map((i) => view.getUint8(at + i)));
