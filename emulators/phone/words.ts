import { encodeWord } from '../tones/codec.ts';

/** Where a word's sound lies in an utterance, in samples at 16 kHz. */
export interface PlacedTone {
  readonly number: number;
  readonly text: string;
  readonly startSample: number;
  readonly endSample: number;
}

/** A text as tones: each word with a number, from `first` on, and `gapMs` more silence after each. */
export function tonesOfText(
  text: string,
  first: number,
  options: { readonly symbolMs?: number; readonly gapMs?: number } = {},
): { readonly pcm: Int16Array; readonly words: readonly PlacedTone[] } {
  const { gapMs = 0, ...tone } = options;
  const texts = text.split(/\s+/).filter((word) => word !== '');
  const pieces = texts.map((word, i) => encodeWord(word, (first + i) % 65_536, tone));
  const gap = 16 * gapMs;
  const pcm = new Int16Array(pieces.reduce((sum, piece) => sum + piece.length + gap, 0));
  let at = 0;
  const words = pieces.map((piece, i) => {
    // The last symbol is silence.
    const place = { startSample: at, endSample: at + piece.length - 16 * (options.symbolMs ?? 20) };
    pcm.set(piece, at);
    at += piece.length + gap;
    return { number: (first + i) % 65_536, text: texts[i]!, ...place };
  });
  return { pcm, words };
}
