import { endTone, maxSymbols, startTone, toneHz, toneLength, tonesOf, valueBetween, wordOf } from './alphabet.ts';
import { createToneBank } from './tone-bank.ts';

const encodedRateHz = 16_000;
const defaultSymbolMs = 20;
const fadeMs = 2;

export interface ToneOptions {
  /** Length of one tone, ms: 20 is about the speed of speech; 30 where the path is deliberately bad. */
  readonly symbolMs?: number;
  /** Peak amplitude of 16-bit samples. Default 8,000 (-15 dBFS RMS). */
  readonly amplitude?: number;
}

/** Positions are samples from the first one pushed. */
export type ToneEvent =
  | {
      readonly type: 'word';
      readonly number: number;
      readonly text: string;
      readonly startSample: number;
      readonly endSample: number;
    }
  /** A word began and cannot be read: cut, or hurt on its way. */
  | { readonly type: 'damaged'; readonly startSample: number; readonly endSample: number };

export interface ToneDecoder {
  /** Takes samples in pieces of any length; gives the words that became complete. */
  push(pcm: Int16Array): ToneEvent[];
  /** The sound is over: reports a word that was cut. */
  flush(): ToneEvent[];
}

/** Length of an encoded word in samples at 16 kHz, with the gap (one symbol) after it. */
export const wordSamples = (word: string, options: ToneOptions = {}): number =>
  (toneLength(word) + 1) * symbolSamples(options.symbolMs, encodedRateHz);

/**
 * A word as sound: 16 kHz PCM, the same for the same arguments. `number` (0…65535) travels with it.
 * Throws a `RangeError` for another number and for a word that is empty or has more than 120 bytes.
 */
export function encodeWord(word: string, number: number, options: ToneOptions = {}): Int16Array {
  const { amplitude = 8000 } = options;
  const perSymbol = symbolSamples(options.symbolMs, encodedRateHz);
  const tones = tonesOf(word, number);
  const pcm = new Int16Array((tones.length + 1) * perSymbol);
  const sounding = tones.length * perSymbol;
  let phase = 0;
  for (let i = 0; i < sounding; i += 1) {
    pcm[i] = Math.round(amplitude * fade(Math.min(i, sounding - 1 - i)) * Math.sin(phase));
    phase += (2 * Math.PI * toneHz(tones[Math.floor(i / perSymbol)]!)) / encodedRateHz;
  }
  return pcm;
}

/**
 * Reads words back from 8 or 16 kHz PCM that went through Opus, mu-law, resampling, gain changes or a jitter buffer.
 * A hole of silence inside a word (at most `maxGapMs`, default 400) is joined when the sound goes on at the very sample.
 * Never a wrong word but for one damaged word in 65,536.
 */
export function createToneDecoder(options: {
  readonly sampleRateHz: number;
  readonly symbolMs?: number;
  readonly maxGapMs?: number;
}): ToneDecoder {
  const { sampleRateHz, symbolMs = defaultSymbolMs, maxGapMs = 400 } = options;
  const bank = createToneBank(sampleRateHz, Math.min(16, 0.7 * symbolMs));
  const hop = sampleRateHz / 500;
  const reader = createWordReader({
    symbol: symbolSamples(symbolMs, sampleRateHz),
    holdHops: Math.round((0.4 * symbolMs) / 2),
    maxGap: (maxGapMs * sampleRateHz) / 1000,
  });
  const buffer = new Float64Array(bank.windowSamples + sampleRateHz / 10);
  let filled = 0;
  let centre = bank.windowSamples / 2;

  function drain(events: ToneEvent[]): void {
    let offset = 0;
    for (; offset + bank.windowSamples <= filled; offset += hop, centre += hop) {
      const event = reader.hear(bank.toneAt(buffer, offset), centre);
      if (event) events.push(event);
    }
    buffer.copyWithin(0, offset, filled);
    filled -= offset;
  }

  function push(pcm: Int16Array): ToneEvent[] {
    const events: ToneEvent[] = [];
    for (let from = 0; from < pcm.length;) {
      const piece = pcm.subarray(from, from + buffer.length - filled);
      buffer.set(piece, filled);
      filled += piece.length;
      from += piece.length;
      drain(events);
    }
    return events;
  }

  return {
    push,
    flush: () => [
      ...push(new Int16Array(bank.windowSamples)),
      ...[reader.close()].filter((event) => event !== undefined),
    ],
  };
}

interface OpenWord {
  start: number;
  last: number;
  previousTone: number;
  readonly values: number[];
}

/** Turns the tone heard at each hop into symbols (a tone held long enough) and symbols into words. */
function createWordReader(timing: { readonly symbol: number; readonly holdHops: number; readonly maxGap: number }) {
  let candidate = { tone: -1, hops: 0, since: 0 };
  let accepted = -1;
  let word: OpenWord | undefined;

  function hear(tone: number, at: number): ToneEvent | undefined {
    if (tone < 0) return word && at - word.last > timing.maxGap ? close() : undefined;
    if (word) word.last = at;
    if (tone !== candidate.tone) candidate = { tone, hops: 0, since: at };
    candidate.hops += 1;
    if (candidate.hops !== timing.holdHops || tone === accepted) return undefined;
    accepted = tone;
    return accept(tone, candidate.since);
  }

  function accept(tone: number, since: number): ToneEvent | undefined {
    if (tone === startTone) return open(since);
    if (!word) return undefined;
    if (tone === endTone) return finish(word, since);
    if (word.values.length === 0) word.start = since - timing.symbol;
    word.values.push(valueBetween(word.previousTone, tone));
    word.previousTone = tone;
    return word.values.length > maxSymbols ? close() : undefined;
  }

  function open(since: number): ToneEvent | undefined {
    const cut = close();
    word = { start: since, last: since, previousTone: 0, values: [] };
    return cut;
  }

  function finish({ start, values }: OpenWord, since: number): ToneEvent {
    word = undefined;
    const read = wordOf(values);
    const place = { startSample: Math.max(0, Math.round(start)), endSample: Math.round(since + timing.symbol) };
    return read ? { type: 'word', ...read, ...place } : { type: 'damaged', ...place };
  }

  /** Gives up the open word. One that was cut within its first byte left nothing to speak of. */
  function close(): ToneEvent | undefined {
    const cut = word;
    word = undefined;
    accepted = -1;
    candidate = { tone: -1, hops: 0, since: 0 };
    if (!cut || cut.values.length < 2) return undefined;
    return { type: 'damaged', startSample: Math.max(0, Math.round(cut.start)), endSample: Math.round(cut.last) };
  }

  return { hear, close };
}

const symbolSamples = (symbolMs: number | undefined, rateHz: number): number =>
  Math.round(((symbolMs ?? defaultSymbolMs) * rateHz) / 1000);

const fade = (samplesFromEdge: number): number => Math.min(1, samplesFromEdge / ((fadeMs * encodedRateHz) / 1000));
