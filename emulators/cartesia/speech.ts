import { createDownsampler } from '../../src/audio/resample.ts';
import { encodeWord } from '../tones/codec.ts';

/** A spoken word: the number travels in its tones. Times from the first sample of its context. */
export interface SpokenWord {
  readonly number: number;
  readonly text: string;
  readonly startMs: number;
  readonly endMs: number;
}

export interface Speech {
  readonly words: readonly SpokenWord[];
  /** PCM at the rate that was asked for. */
  readonly pcm: Int16Array;
}

export interface Speaker {
  /** Speaks a text right after what was spoken before. */
  say(text: string): Speech;
}

export const outputRates: readonly number[] = [8000, 16_000, 24_000];

const encodedRateHz = 16_000;
const longestWord = 40;
const mostNumbers = 65_536;

/** Numbers words of one emulator, so that a lost one is known by its number wherever it was said. */
export function createWordNumbers(after = 0): () => number {
  let next = after;
  return () => {
    next = (next + 1) % mostNumbers;
    return next;
  };
}

/** The voice of one context: each word as tones, at 8, 16 or 24 kHz. */
export function createSpeaker(
  rateHz: number,
  nextNumber: () => number,
  options: { readonly symbolMs: number },
): Speaker {
  const convert = converterTo(rateHz);
  let spokenSamples = 0;
  return {
    say(text) {
      const words: SpokenWord[] = [];
      const pieces: Int16Array[] = [];
      for (const word of wordsOf(text)) {
        const number = nextNumber();
        const pcm = encodeWord(word, number, options);
        // The gap after a word is one symbol long and no part of it.
        const end = spokenSamples + pcm.length - (options.symbolMs * encodedRateHz) / 1000;
        words.push({ number, text: word, startMs: msAt(spokenSamples), endMs: msAt(end) });
        pieces.push(convert(pcm));
        spokenSamples += pcm.length;
      }
      return { words, pcm: join(pieces) };
    },
  };
}

const wordsOf = (text: string): string[] => (text.match(/\S+/g) ?? []).map((word) => word.slice(0, longestWord));

const msAt = (samples: number): number => Math.round((samples * 1000) / encodedRateHz);

function converterTo(rateHz: number): (pcm: Int16Array) => Int16Array {
  if (rateHz === encodedRateHz) return (pcm) => pcm;
  if (rateHz === encodedRateHz / 2) {
    const down = createDownsampler();
    return (pcm) => down.push(pcm);
  }
  return (pcm) => stretched(pcm, rateHz / encodedRateHz);
}

/** Linear interpolation: good enough for tones below 3 kHz that go up in rate. */
function stretched(pcm: Int16Array, factor: number): Int16Array {
  return Int16Array.from({ length: Math.round(pcm.length * factor) }, (_, i) => {
    const at = i / factor;
    const before = pcm[Math.floor(at)] ?? 0;
    const after = pcm[Math.floor(at) + 1] ?? before;
    return Math.round(before + (after - before) * (at % 1));
  });
}

function join(pieces: readonly Int16Array[]): Int16Array {
  const whole = new Int16Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
