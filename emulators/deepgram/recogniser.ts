import { createToneDecoder } from '../tones/codec.ts';
import type { ScriptedSound } from './script.ts';
import { createSoundMeter, stepMs, type SoundMeter } from './sound-meter.ts';

/** A word as recognised, in milliseconds of the stream. */
export interface HeardWord {
  readonly text: string;
  readonly startMs: number;
  readonly endMs: number;
}

export interface Recogniser {
  readonly meter: SoundMeter;
  /** All words recognised so far, in order; it only grows. */
  readonly words: readonly HeardWord[];
  /** The scripted sound that is on, or was last. */
  readonly sound: ScriptedSound | undefined;
  /** True while the scripted sound still has words to come. */
  readonly unfinished: boolean;
  /** Takes audio; `onStep` runs after every 10 ms of it, with true at the onset of a sound. */
  push(pcm: Int16Array, onStep: (onset: boolean) => void): void;
}

/** A word may end this much after the last sound of its stretch and still belong to it: networks stretch audio. */
const driftMs = 120;
const sameSoundMs = 200;
const weakStartMs = 60;
/** So much of a word must have sounded; its end may be too soft to count. */
const audibleMs = 100;

/**
 * Turns audio into words: those that tones in it spell, or those that the script gives for a real voice, released when the
 * audio has come to their end.
 */
export function createRecogniser(options: {
  readonly sampleRateHz: number;
  readonly nextSound: (levelDb: number, onset: boolean) => ScriptedSound | undefined;
  readonly damaged: (startMs: number) => void;
}): Recogniser {
  const { sampleRateHz } = options;
  const meter = createSoundMeter();
  const decoder = sampleRateHz === 8000 || sampleRateHz === 16_000 ? createToneDecoder({ sampleRateHz }) : undefined;
  const words: HeardWord[] = [];
  const step = new Int16Array((sampleRateHz * stepMs) / 1000);
  let filled = 0;
  let sound: ScriptedSound | undefined;
  let originMs = 0;
  let released = 0;

  function push(pcm: Int16Array, onStep: (onset: boolean) => void): void {
    for (let from = 0; from < pcm.length;) {
      const piece = pcm.subarray(from, from + step.length - filled);
      step.set(piece, filled);
      filled += piece.length;
      from += piece.length;
      if (filled === step.length) onStep(hear());
    }
  }

  function hear(): boolean {
    filled = 0;
    const onset = meter.hear(step);
    if (onset) begin();
    else beginWithin();
    readTones();
    release();
    return onset;
  }

  function readTones(): void {
    for (const event of decoder?.push(step) ?? []) {
      const startMs = (event.startSample * 1000) / sampleRateHz;
      if (event.type === 'damaged') options.damaged(startMs);
      else if (!sound) words.push({ text: event.text, startMs, endMs: (event.endSample * 1000) / sampleRateHz });
    }
  }

  /** A new burst belongs to the sound that is on, when that has words or time left; else the script has the next one. */
  function begin(): void {
    if (isOn(meter.onsetMs)) realign(sound!);
    else take(options.nextSound(meter.levelDb, true), meter.onsetMs);
  }

  /** In a noise that never ends, the sound that is meant begins where it is loud enough. */
  function beginWithin(): void {
    if (!meter.sounding || isOn(meter.positionMs)) return;
    const next = options.nextSound(meter.levelDb, false);
    if (next) take(next, Math.max(meter.onsetMs, meter.positionMs - weakStartMs));
  }

  function take(next: ScriptedSound | undefined, fromMs: number): void {
    sound = next;
    originMs = fromMs;
    released = 0;
  }

  const isOn = (atMs: number) => sound !== undefined && atMs < originMs + lengthOf(sound) + sameSoundMs;

  function realign({ words: scripted }: ScriptedSound): void {
    const next = scripted[released];
    const shiftMs = next ? meter.onsetMs - (originMs + next.startMs) : 0;
    if (Math.abs(shiftMs) < 300) originMs += shiftMs;
  }

  function release(): void {
    for (let next = sound?.words[released]; next && isHeard(next); next = sound?.words[released]) {
      words.push({ text: next.text, startMs: originMs + next.startMs, endMs: originMs + next.endMs });
      released += 1;
    }
  }

  function isHeard({ startMs, endMs }: HeardWord): boolean {
    if (meter.sounding) return meter.positionMs >= originMs + endMs;
    return meter.lastLoudMs + driftMs >= originMs + Math.min((startMs + endMs) / 2, startMs + audibleMs);
  }

  return {
    meter,
    words,
    get sound() {
      return sound;
    },
    get unfinished() {
      return sound !== undefined && released < sound.words.length;
    },
    push,
  };
}

const lengthOf = ({ words, durationMs = 0 }: ScriptedSound): number => Math.max(durationMs, words.at(-1)?.endMs ?? 0);
