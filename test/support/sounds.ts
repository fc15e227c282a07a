import { frameSamples } from '../../src/audio/pcm.ts';

/** Numbers of 0…1, the same for the same seed (Park-Miller). */
export function randomly(seed: number): () => number {
  let state = (seed % 2_147_483_646) + 1;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

const peakOf = (db: number): number => 32_768 * 10 ** (db / 20);

/** Noise with a flat spectrum at this level, dBFS. */
export function whiteNoise(samples: number, db: number, seed = 1): Int16Array {
  const random = randomly(seed);
  return Int16Array.from({ length: samples }, () =>
    Math.round((random() + random() + random() - 1.5) * 2 * peakOf(db)),
  );
}

export function sine(samples: number, hz: number, db: number, sampleRateHz = 16_000): Int16Array {
  const peak = Math.SQRT2 * peakOf(db);
  return Int16Array.from({ length: samples }, (_, i) =>
    Math.round(peak * Math.sin((2 * Math.PI * hz * i) / sampleRateHz)),
  );
}

/** Adds `sound` into `track` from this sample on, at this gain. */
export function addSound(track: Int16Array, sound: Int16Array, at: number, db = 0): Int16Array {
  const gain = 10 ** (db / 20);
  for (let i = Math.max(0, -at); i < sound.length && at + i < track.length; i += 1) {
    track[at + i] = Math.max(-32_768, Math.min(32_767, Math.round(track[at + i]! + gain * sound[i]!)));
  }
  return track;
}

export function joined(...sounds: readonly Int16Array[]): Int16Array {
  const whole = new Int16Array(sounds.reduce((sum, sound) => sum + sound.length, 0));
  sounds.reduce((at, sound) => (whole.set(sound, at), at + sound.length), 0);
  return whole;
}

export const framesOf = (pcm: Int16Array): Int16Array[] =>
  Array.from({ length: Math.floor(pcm.length / frameSamples) }, (_, i) =>
    pcm.subarray(i * frameSamples, (i + 1) * frameSamples),
  );
