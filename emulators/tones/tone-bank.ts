import { toneCount, toneHz } from './alphabet.ts';

/** Below this mean square (of 16-bit samples) a window is silence. About -60 dBFS. */
const silence = 1000;
/** Share of a window's energy that the loudest tone must hold to count as a tone. */
const pureShare = 0.45;

/** Tells which tone a window of samples carries. */
export interface ToneBank {
  readonly windowSamples: number;
  /** The tone of the window that begins at `offset`, or -1 for silence, noise and changes. */
  toneAt(samples: Float64Array, offset: number): number;
}

/** Hann-windowed correlation with every tone. */
export function createToneBank(sampleRateHz: number, windowMs: number): ToneBank {
  const windowSamples = Math.round((sampleRateHz * windowMs) / 1000);
  const weights = Float64Array.from({ length: windowSamples }, (_, i) => {
    return 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / windowSamples);
  });
  const waves = Array.from({ length: toneCount }, (_, tone) => wave(weights, toneHz(tone) / sampleRateHz));
  const weightSum = weights.reduce((sum, weight) => sum + weight, 0);

  function toneAt(samples: Float64Array, offset: number): number {
    const energy = weightedEnergy(samples, offset, weights);
    if (energy < silence * weightSum) return -1;
    let best = -1;
    let most = (pureShare * energy * weightSum) / 2;
    for (let tone = 0; tone < toneCount; tone += 1) {
      const power = powerOf(samples, offset, waves[tone]!);
      if (power > most) [best, most] = [tone, power];
    }
    return best;
  }

  return { windowSamples, toneAt };
}

function wave(weights: Float64Array, cyclesPerSample: number): Float64Array {
  const pairs = new Float64Array(2 * weights.length);
  for (let i = 0; i < weights.length; i += 1) {
    pairs[2 * i] = weights[i]! * Math.cos(2 * Math.PI * cyclesPerSample * i);
    pairs[2 * i + 1] = weights[i]! * Math.sin(2 * Math.PI * cyclesPerSample * i);
  }
  return pairs;
}

function weightedEnergy(samples: Float64Array, offset: number, weights: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i += 1) sum += weights[i]! * samples[offset + i]! * samples[offset + i]!;
  return sum;
}

function powerOf(samples: Float64Array, offset: number, pairs: Float64Array): number {
  let real = 0;
  let imaginary = 0;
  for (let i = 0, at = offset; i < pairs.length; i += 2, at += 1) {
    const sample = samples[at]!;
    real += sample * pairs[i]!;
    imaginary += sample * pairs[i + 1]!;
  }
  return real * real + imaginary * imaginary;
}
