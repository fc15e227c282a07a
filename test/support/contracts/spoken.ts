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

/** The words in a piece of 16 kHz sound, damaged ones as `~`; a word still sounding at its end does not count yet. */
export function wordsIn(pcm: Int16Array): string[] {
  const decoder = createToneDecoder({ sampleRateHz: 16_000 });
  return decoder.push(pcm).map((event) => (event.type === 'word' ? event.text : '~'));
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
