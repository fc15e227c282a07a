/** Blocks of 10 ms at 16 kHz, padded to the transform's size. */
export const blockSamples = 160;
const size = 256;
const bits = 8;
/** First bin of each band and, last, the end: about 190…3,750 Hz in steps of 62.5 Hz, what a telephone carries. */
const edges = [3, 5, 7, 10, 13, 17, 21, 26, 32, 38, 44, 52, 61];
export const bandCount = edges.length - 1;

/** Measures the energy of a block in bands of the telephone's range. */
export interface BandMeter {
  /** Mean square per band, in units of 16-bit samples; the array is reused by the next call. */
  measure(block: Float64Array): Float64Array;
}

export function createBandMeter(): BandMeter {
  const real = new Float64Array(size);
  const imaginary = new Float64Array(size);
  const bands = new Float64Array(bandCount);

  function measure(block: Float64Array): Float64Array {
    real.fill(0);
    imaginary.fill(0);
    for (let i = 0; i < blockSamples; i += 1) real[reversed[i]!] = block[i]! * taper[i]!;
    transform(real, imaginary);
    for (let band = 0; band < bandCount; band += 1) bands[band] = energyOf(band);
    return bands;
  }

  function energyOf(band: number): number {
    let sum = 0;
    for (let bin = edges[band]!; bin < edges[band + 1]!; bin += 1) sum += real[bin]! ** 2 + imaginary[bin]! ** 2;
    return (2 * sum) / (size * taperEnergy);
  }

  return { measure };
}

/** Radix-2 transform in place, over input in bit-reversed order. */
function transform(real: Float64Array, imaginary: Float64Array): void {
  for (let half = 1, stride = size / 2; half < size; half *= 2, stride /= 2) {
    for (let from = 0; from < size; from += 2 * half) {
      for (let a = from, k = 0; a < from + half; a += 1, k += stride) {
        const b = a + half;
        const re = cosines[k]! * real[b]! + sines[k]! * imaginary[b]!;
        const im = cosines[k]! * imaginary[b]! - sines[k]! * real[b]!;
        real[b] = real[a]! - re;
        imaginary[b] = imaginary[a]! - im;
        real[a]! += re;
        imaginary[a]! += im;
      }
    }
  }
}

function reverseBits(index: number): number {
  let out = 0;
  for (let bit = 0; bit < bits; bit += 1) out |= ((index >> bit) & 1) << (bits - 1 - bit);
  return out;
}

/** Flat with soft edges: a pitch pulse at the edge of a short block must still count. */
function taperAt(index: number): number {
  const edge = Math.min(index + 0.5, blockSamples - index - 0.5) / 24;
  return edge >= 1 ? 1 : 0.5 - 0.5 * Math.cos(Math.PI * edge);
}

const reversed = Uint8Array.from({ length: blockSamples }, (_, i) => reverseBits(i));
const cosines = Float64Array.from({ length: size / 2 }, (_, i) => Math.cos((2 * Math.PI * i) / size));
const sines = Float64Array.from({ length: size / 2 }, (_, i) => Math.sin((2 * Math.PI * i) / size));
const taper = Float64Array.from({ length: blockSamples }, (_, i) => taperAt(i));
const taperEnergy = taper.reduce((sum, weight) => sum + weight * weight, 0);
