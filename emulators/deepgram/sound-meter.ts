import { levelDb } from '../../src/audio/pcm.ts';

/** The meter looks at sound in pieces this long. */
export const stepMs = 10;

const onsetSteps = 3;
const soundEndsAfterMs = 50;
const floorWindowSteps = 300;
const floorKnownAfterSteps = 30;
const loudestFloorDb = -30;
/** A stream may begin in the middle of a word: until the floor is known, only what is this quiet can be one. */
const loudestEarlyFloorDb = -38;
const quietestSoundDb = -50;
const aboveFloorDb = 8;

export interface SoundMeter {
  /** Takes one step; true when a sound has just been recognised as one (30 ms into it). */
  hear(step: Int16Array): boolean;
  /** Milliseconds of the stream heard so far. */
  readonly positionMs: number;
  readonly sounding: boolean;
  /** Where the present or last sound began; where its last loud piece ended. */
  readonly onsetMs: number;
  readonly lastLoudMs: number;
  /** Since the last sound; stands still while it is not yet clear whether a new one has begun. */
  readonly quietMs: number;
  readonly levelDb: number;
}

/** Tells sound from quiet by energy above a floor that follows the quietest 10 ms of the last three seconds. */
export function createSoundMeter(): SoundMeter {
  const levels: number[] = [];
  const powers: number[] = [];
  let steps = 0;
  let loudSteps = 0;
  let sounding = false;
  let onsetMs = 0;
  let lastLoudMs = Number.NEGATIVE_INFINITY;
  let level = -100;

  function thresholdDb(): number {
    const floor = Math.min(levels.length < floorKnownAfterSteps ? loudestEarlyFloorDb : loudestFloorDb, ...levels);
    return Math.max(quietestSoundDb, floor + aboveFloorDb);
  }

  /** The floor follows 40 ms of power, so that the holes in a noise are none of it. */
  function smooth(latestDb: number): number {
    powers.push(10 ** (latestDb / 10));
    if (powers.length > 4) powers.shift();
    return 10 * Math.log10(powers.reduce((sum, power) => sum + power, 0) / powers.length);
  }

  function hear(step: Int16Array): boolean {
    level = levelDb(step);
    const loud = level > thresholdDb();
    levels.push(smooth(level));
    if (levels.length > floorWindowSteps) levels.shift();
    steps += 1;
    return loud ? onLoud() : onQuiet();
  }

  function onLoud(): boolean {
    loudSteps += 1;
    if (sounding || loudSteps >= onsetSteps) lastLoudMs = steps * stepMs;
    if (sounding || loudSteps < onsetSteps) return false;
    sounding = true;
    onsetMs = (steps - onsetSteps) * stepMs;
    return true;
  }

  function onQuiet(): boolean {
    loudSteps = 0;
    if (steps * stepMs - lastLoudMs >= soundEndsAfterMs) sounding = false;
    return false;
  }

  return {
    hear,
    get positionMs() {
      return steps * stepMs;
    },
    get sounding() {
      return sounding;
    },
    get onsetMs() {
      return onsetMs;
    },
    get lastLoudMs() {
      return lastLoudMs;
    },
    get quietMs() {
      return (steps - loudSteps) * stepMs - lastLoudMs;
    },
    get levelDb() {
      return level;
    },
  };
}
