import { expect } from 'vitest';
import { createToneDecoder, encodeWord } from '../../../emulators/tones/codec.ts';
import type { PlacedWord } from '../../../src/actors/player.ts';

export interface Speech {
  readonly pcm: Int16Array;
  readonly words: readonly PlacedWord[];
}

/** Words as tones, one after the other, numbered from `firstNumber`, with their places. */
export function speechOf(texts: readonly string[], firstNumber = 0): Speech {
  const pieces = texts.map((text, at) => encodeWord(text, firstNumber + at));
  const words: PlacedWord[] = [];
  let at = 0;
  for (const [index, piece] of pieces.entries()) {
    words.push({ text: texts[index] ?? '', startSample: at, endSample: at + piece.length });
    at += piece.length;
  }
  return { pcm: joined(pieces), words };
}

const readers = new WeakMap<
  readonly Int16Array[],
  { readonly words: string[]; read(frames: readonly Int16Array[]): void }
>();

/**
 * The words in this sound of 16 kHz so far, damaged ones as `~`; a word still sounding does not count yet. The list may grow
 * between calls: what was read once is not read again.
 */
export function wordsIn(frames: readonly Int16Array[]): string[] {
  const reader = readers.get(frames) ?? createReader();
  readers.set(frames, reader);
  reader.read(frames);
  return [...reader.words];
}

function createReader() {
  const decoder = createToneDecoder({ sampleRateHz: 16_000 });
  const words: string[] = [];
  let done = 0;
  return {
    words,
    read(frames: readonly Int16Array[]) {
      for (; done < frames.length; done += 1) {
        const events = decoder.push(frames[done] ?? new Int16Array(0));
        words.push(...events.map((event) => (event.type === 'word' ? event.text : '~')));
      }
    },
  };
}

export function joined(pieces: readonly Int16Array[]): Int16Array {
  const whole = new Int16Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/**
 * The words heard are these, in this order. Over a lossy way some may be hurt or missing, a quarter of them (at least one) at most;
 * none may be wrong, out of place or heard twice.
 */
export function expectWords(heard: readonly string[], spoken: readonly string[], lossy: boolean): void {
  if (!lossy) return expect(heard).toEqual(spoken);
  const clean = heard.filter((word) => word !== '~');
  let at = 0;
  for (const word of clean) {
    at = spoken.indexOf(word, at) + 1;
    expect(at, `"${word}" in its place: heard [${heard}], spoken [${spoken}]`).toBeGreaterThan(0);
  }
  const lost = spoken.length - clean.length;
  expect(lost, `heard [${heard}], spoken [${spoken}]`).toBeLessThanOrEqual(Math.max(1, spoken.length / 4));
}
