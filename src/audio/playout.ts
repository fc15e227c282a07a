import { applyFade, type Fade, fadeAfter, fadeTo, fullVoice } from './playout-gain.ts';
import { createTape } from './playout-tape.ts';
import { createWordTrack, type PlayoutWord } from './playout-words.ts';

export type { PlayoutWord } from './playout-words.ts';

/** A frame on its way out: where its audio begins, how much of the frame is audio, how much is on the wire with padding. */
interface Flight {
  readonly from: number;
  readonly audio: number;
  readonly samples: number;
  readonly fade: Fade;
}

/**
 * One turn's audio between the voice and the caller's ear, as arithmetic: no timers, no I/O. All positions are samples from the
 * first one written. What `next` gave out is *in flight* until `left` says that it has gone; `recall` takes back what has not.
 */
export interface Playout {
  /** Adds audio; false when the bound was reached and something was dropped. */
  write(pcm: Int16Array): boolean;
  written(): number;
  mark(words: readonly PlayoutWord[]): void;
  /** Drops what was written after the last whole word and has not been given out. Gives the words that are left, heard or to be heard. */
  trim(): readonly string[];
  /** No more will be written. */
  end(): void;
  ended(): boolean;
  /** Samples not yet given out. */
  available(): number;
  /**
   * The next frame, at most `maxSamples`, always a multiple of `blockSamples` (the native source keeps a rest of a block for ever).
   * A rest shorter than a block is given out only when `flush` is set, padded with silence.
   */
  next(maxSamples: number, blockSamples: number, flush: boolean): Int16Array | undefined;
  /** Samples given out (padding included) that have not left. */
  inFlight(): number;
  /** So many of them have left. */
  left(samples: number): void;
  /** How much of the turn has left so far; falls by `goBack` alone. */
  leftTo(): number;
  /** Takes back what has not left: `next` goes on there, with the gain that it had there. */
  recall(): void;
  /** Goes back to the start of the cut word or of its clause. Only with nothing in flight. */
  rewind(to: 'word' | 'clause'): void;
  /**
   * What left after `sample` never arrived: it is given out again from the start of the word cut there. Gives how many words that
   * were heard by the reckoning were not. Only with nothing in flight.
   */
  goBack(sample: number): number;
  /** A new gain for what is given out next. */
  gain(db: number, fadeSamples: number): void;
  /** True when the gain is there already. */
  hasGain(db: number): boolean;
  /** Everything up to `sample` was heard: the words that are new by it. */
  hear(sample: number): string[];
}

export function createPlayout(maxSamples: number): Playout {
  const tape = createTape(maxSamples);
  const words = createWordTrack();
  let flights: Flight[] = [];
  let cursor = 0;
  let leftTo = 0;
  let fade = fullVoice;
  let ended = false;
  let dropped = false;

  const available = () => tape.length() - cursor;
  const give = (audio: number, samples: number) => {
    const frame = new Int16Array(samples);
    frame.set(tape.copy(cursor, audio));
    applyFade(fade, frame);
    flights.push({ from: cursor, audio, samples, fade });
    fade = fadeAfter(fade, samples);
    cursor += audio;
    return frame;
  };

  return {
    write(pcm) {
      const whole = tape.append(pcm) === pcm.length;
      if (!whole) dropped = true;
      return whole;
    },
    written: tape.length,
    mark: words.mark,
    trim() {
      const { words: whole, endSample } = words.within(tape.length());
      tape.cut(Math.max(endSample, cursor));
      return whole;
    },
    end: () => void (ended = true),
    ended: () => ended,
    available,
    next(max, block, flush) {
      const audio = Math.min(available(), max);
      const whole = audio - (audio % block);
      if (flush && audio === available() && audio > 0) return give(audio, Math.ceil(audio / block) * block);
      return whole > 0 ? give(whole, whole) : undefined;
    },
    inFlight: () => flights.reduce((sum, flight) => sum + flight.samples, 0),
    left(samples) {
      let rest = samples;
      while (rest > 0 && flights[0]) {
        const flight = flights[0];
        const gone = Math.min(rest, flight.samples);
        leftTo = Math.max(leftTo, flight.from + Math.min(gone, flight.audio));
        rest -= gone;
        if (gone === flight.samples) flights.shift();
        else flights[0] = afterPart(flight, gone);
      }
    },
    leftTo: () => leftTo,
    recall() {
      const first = flights[0];
      if (!first) return;
      cursor = first.from;
      fade = first.fade;
      flights = [];
    },
    rewind(to) {
      cursor = to === 'word' ? words.wordStart(cursor) : words.clauseStart(cursor);
    },
    goBack(sample) {
      leftTo = Math.min(leftTo, sample);
      cursor = words.wordStart(leftTo);
      return words.giveBack(leftTo);
    },
    gain: (db, fadeSamples) => void (fade = fadeTo(fade, db, fadeSamples)),
    hasGain: (db) => Math.abs(fade.target - 10 ** (db / 20)) < 1e-9,
    hear: (sample) => words.take(sample, ended && !dropped ? tape.length() : undefined),
  };
}

function afterPart(flight: Flight, gone: number): Flight {
  const audio = Math.min(gone, flight.audio);
  return {
    from: flight.from + audio,
    audio: flight.audio - audio,
    samples: flight.samples - gone,
    fade: fadeAfter(flight.fade, gone),
  };
}
