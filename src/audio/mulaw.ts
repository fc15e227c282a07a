const bias = 0x84;
const clip = 32_635;

/** ITU-T G.711 mu-law, as telephones send it: one byte a sample. */
export function encodeMulaw(pcm: Int16Array): Uint8Array {
  return Uint8Array.from(pcm, encodeSample);
}

export function decodeMulaw(bytes: Uint8Array): Int16Array {
  return Int16Array.from(bytes, (byte) => decoded[byte]!);
}

function encodeSample(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const magnitude = Math.min(Math.abs(sample), clip) + bias;
  const exponent = 24 - Math.clz32(magnitude);
  const mantissa = (magnitude >> (exponent + 3)) & 0x0f;
  return ~(sign | (exponent << 4) | mantissa) & 0xff;
}

function decodeSample(byte: number): number {
  const bits = ~byte & 0xff;
  const exponent = (bits >> 4) & 7;
  const magnitude = ((((bits & 0x0f) << 3) + bias) << exponent) - bias;
  return bits & 0x80 ? -magnitude : magnitude;
}

const decoded = Int16Array.from({ length: 256 }, (_, byte) => decodeSample(byte));
