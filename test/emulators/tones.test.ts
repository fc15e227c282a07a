import * as fc from '../support/properties.ts';
import { describe, expect, it } from 'vitest';
import { createToneDecoder, encodeWord, wordSamples, type ToneEvent } from '../../emulators/tones/codec.ts';
import { decodeMulaw, encodeMulaw } from '../../src/audio/mulaw.ts';
import { createDownsampler, createUpsampler } from '../../src/audio/resample.ts';

const english = fc.stringMatching(/^[A-Za-z0-9',.?!-]{1,16}$/);
const russian = fc.stringMatching(/^[А-Яа-яЁё]{1,14}[,.?!]?$/);
const german = fc.constantFrom('Zimmer', 'Frühstück', 'für', 'Straße?', 'schön,', '€ 89');
const words = fc.array(fc.oneof(english, russian, german), { minLength: 1, maxLength: 6 });
const numbers = fc.integer({ min: 0, max: 65_000 });
const runs = { numRuns: 40 };

function speak(texts: readonly string[], first: number, options = {}): Int16Array {
  return concat([new Int16Array(700), ...texts.map((text, i) => encodeWord(text, first + i, options))]);
}

function concat(pieces: readonly Int16Array[]): Int16Array {
  const whole = new Int16Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

function hear(pcm: Int16Array, sampleRateHz = 16_000, pieceSamples = 320): ToneEvent[] {
  const decoder = createToneDecoder({ sampleRateHz });
  const events: ToneEvent[] = [];
  for (let at = 0; at < pcm.length; at += pieceSamples)
    events.push(...decoder.push(pcm.subarray(at, at + pieceSamples)));
  return [...events, ...decoder.flush()];
}

const said = (texts: readonly string[], first: number) => texts.map((text, i) => ({ number: first + i, text }));
const heard = (events: readonly ToneEvent[]) =>
  events.map((event) => (event.type === 'word' ? { number: event.number, text: event.text } : event.type));

/** Park-Miller: the same noise for the same seed. */
function randomly(seed: number): () => number {
  let state = (seed % 2_147_483_646) + 1;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

function noise(samples: number, rms: number, seed: number): Int16Array {
  const random = randomly(seed);
  return Int16Array.from({ length: samples }, () => Math.round((random() + random() + random() - 1.5) * 2 * rms));
}

const mix = (a: Int16Array, b: Int16Array) => a.map((sample, i) => sample + (b[i] ?? 0));
const scale = (pcm: Int16Array, gainAt: (i: number) => number) =>
  pcm.map((sample, i) => Math.round(sample * gainAt(i)));

describe('words carried in tones', () => {
  it('come back with their numbers and places, whatever the pieces', () => {
    fc.assert(
      fc.property(words, numbers, fc.integer({ min: 1, max: 5000 }), (texts, first, piece) => {
        const events = hear(speak(texts, first), 16_000, piece);
        expect(heard(events)).toEqual(said(texts, first));
        let at = 700;
        for (const [i, event] of events.entries()) {
          const samples = wordSamples(texts[i]!);
          expect(Math.abs(event.startSample - at)).toBeLessThan(96);
          expect(Math.abs(event.endSample - (at + samples - 320))).toBeLessThan(96);
          at += samples;
        }
      }),
      runs,
    );
  });

  it('are the same sound every time, with silence at both ends', () => {
    const pcm = encodeWord('hello', 7);
    expect(pcm).toEqual(encodeWord('hello', 7));
    expect(pcm).not.toEqual(encodeWord('hello', 8));
    expect(pcm).toHaveLength(wordSamples('hello'));
    expect(Math.abs(pcm[0]!)).toBeLessThan(50);
    expect(pcm.subarray(-320).every((sample) => sample === 0)).toBe(true);
  });

  it('survive any loudness and ducking by 12 dB in the middle of a word', () => {
    fc.assert(
      fc.property(
        words,
        numbers,
        fc.integer({ min: 800, max: 30_000 }),
        fc.integer({ min: 100, max: 30_000 }),
        (texts, first, amplitude, duckAt) => {
          const ducked = scale(
            speak(texts, first, { amplitude }),
            (i) => 10 ** ((-12 / 20) * Math.min(1, Math.max(0, (i - duckAt) / 320))),
          );
          expect(heard(hear(ducked))).toEqual(said(texts, first));
        },
      ),
      runs,
    );
  });

  it('survive the telephone: 8 kHz mu-law, read at 8 and again at 16 kHz, ducked', () => {
    fc.assert(
      fc.property(words, numbers, fc.constantFrom(1, 0.25), (texts, first, gain) => {
        const narrow = decodeMulaw(encodeMulaw(createDownsampler().push(scale(speak(texts, first), () => gain))));
        expect(heard(hear(narrow, 8_000))).toEqual(said(texts, first));
        expect(heard(hear(createUpsampler().push(narrow)))).toEqual(said(texts, first));
      }),
      runs,
    );
  });

  it('survive white noise at 10 dB', () => {
    fc.assert(
      fc.property(words, numbers, fc.integer({ min: 1, max: 1e6 }), (texts, first, seed) => {
        const pcm = speak(texts, first);
        expect(heard(hear(mix(pcm, noise(pcm.length, 1789, seed))))).toEqual(said(texts, first));
      }),
      runs,
    );
  });

  it('survive 30 ms symbols read by the usual decoder', () => {
    const texts = ['Hotel', 'Lindau,', 'здравствуйте'];
    expect(heard(hear(speak(texts, 3, { symbolMs: 30 })))).toEqual(said(texts, 3));
  });

  it('go on after a pause at the very sample, and count as damaged when the rest never comes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1500, max: 6000 }), fc.integer({ min: 1, max: 5600 }), (cutAt, hole) => {
        const pcm = speak(['Zimmer', 'sieben'], 0);
        const paused = concat([pcm.subarray(0, cutAt), new Int16Array(hole), pcm.subarray(cutAt)]);
        expect(heard(hear(paused))).toEqual(said(['Zimmer', 'sieben'], 0));
        expect(heard(hear(pcm.subarray(0, cutAt)))).toEqual(['damaged']);
        expect(heard(hear(concat([pcm.subarray(0, cutAt), new Int16Array(16_000)])))).toEqual(['damaged']);
      }),
      runs,
    );
  });

  it('are never wrong, wherever sound is cut out, repeated or drowned', () => {
    const hurt = fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      samples: fc.integer({ min: 1, max: 6000 }),
      kind: fc.constantFrom('drop', 'repeat', 'noise'),
    });
    fc.assert(
      fc.property(words, numbers, fc.array(hurt, { minLength: 1, maxLength: 4 }), (texts, first, hurts) => {
        let pcm = speak(texts, first);
        for (const { at, samples, kind } of hurts) {
          const from = Math.floor(at * pcm.length);
          const piece = pcm.subarray(from, from + samples);
          const middle = {
            drop: [] as Int16Array[],
            repeat: [piece, piece],
            noise: [noise(piece.length, 8000, samples)],
          }[kind];
          pcm = concat([pcm.subarray(0, from), ...middle, pcm.subarray(from + samples)]);
        }
        for (const event of hear(pcm)) if (event.type === 'word') expect(event.text).toBe(texts[event.number - first]);
      }),
      { numRuns: 150 },
    );
  });

  it('are not heard in noise', () => {
    expect(hear(noise(160_000, 6000, 5))).toEqual([]);
  });

  it('refuse a number or a word that cannot be carried', () => {
    expect(() => encodeWord('hello', 65_536)).toThrow('word number must be an integer of 0…65535, got 65536');
    expect(() => encodeWord('', 0)).toThrow('a word has 1…120 bytes, got 0');
  });
});
