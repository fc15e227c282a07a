import { bandCount } from './spectrum.ts';

/** Weight of the past in the smoothed energy: about 50 ms at blocks of 10 ms. */
const smoothing = 0.8;
/** The floor is the least of this many stretches of this many blocks: 1.6 s. Speech dips in every band more often. */
const stretches = 8;
const stretchBlocks = 20;
/** The least of a noise's smoothed energy lies below its mean by this factor. */
const bias = 1.8;
/** How far a restless noise (voices in a cafe) may push the threshold up, dB. */
const mostUnrestDb = 9;

/** Follows the background noise band by band, so that neither hiss nor hum hides a voice and neither is taken for one. */
export interface NoiseFloor {
  /**
   * How far this block stands above the noise, dB: 0 is the usual noise itself, restless noise allowed for.
   * While a voice is on, little is learned about the noise's unrest.
   */
  above(bands: Float64Array, voiced: boolean): number;
}

/** `initialDb` and `leastDb`: level of white noise that the floor begins with and never falls below, dBFS. */
export function createNoiseFloor(options: { readonly initialDb: number; readonly leastDb: number }): NoiseFloor {
  const initial = bandEnergy(options.initialDb);
  const least = bandEnergy(options.leastDb);
  const smoothed = new Float64Array(bandCount).fill(initial);
  const minima = Array.from({ length: stretches }, () => new Float64Array(bandCount).fill(initial));
  const older = new Float64Array(bandCount);
  let current = minima[0]!;
  let block = 0;
  let unrestDb = 0;

  function follow(bands: Float64Array): void {
    if (block % stretchBlocks === 0) beginStretch(Math.floor(block / stretchBlocks) % stretches);
    block += 1;
    for (let band = 0; band < bandCount; band += 1) {
      smoothed[band] = smoothing * smoothed[band]! + (1 - smoothing) * bands[band]!;
      current[band] = Math.min(current[band]!, smoothed[band]!);
    }
  }

  function beginStretch(index: number): void {
    current = minima[index]!.fill(Infinity);
    for (let band = 0; band < bandCount; band += 1) {
      older[band] = minima.reduce((floor, stretch) => Math.min(floor, stretch[band]!), Infinity);
    }
  }

  const floorOf = (band: number): number => Math.max(least, bias * Math.min(older[band]!, current[band]!));

  function above(bands: Float64Array, voiced: boolean): number {
    follow(bands);
    let ratio = 0;
    for (let band = 0; band < bandCount; band += 1) ratio += bands[band]! / floorOf(band);
    const db = 10 * Math.log10(Math.max(1e-6, ratio / bandCount));
    learnUnrest(db, voiced ? 0.2 : 1);
    return db - unrestDb;
  }

  /** Follows the level that 80 % of the noise's blocks stay below; what is far above is a voice and teaches nothing. */
  function learnUnrest(db: number, share: number): void {
    if (db > 15) return;
    unrestDb = Math.max(0, Math.min(mostUnrestDb, unrestDb + share * (db > unrestDb ? 0.04 : -0.004)));
  }

  return { above };
}

const bandEnergy = (db: number): number => (10 ** (db / 10) * 32_768 ** 2) / bandCount;
