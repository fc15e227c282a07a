/**
 * Audio in which every sample tells its place, whatever its gain: only the signs carry it. They are a maximal-length sequence, so
 * any 18 of them in a row occur once.
 */
const order = 18;
const period = 2 ** order - 1;
const amplitude = 8_000;
export const blockSamples = 160;
/** There is no more of it than that. */
export const signedSamples = period;

const signs = new Uint8Array(period + order);
const placeOf = new Int32Array(period + 1);

let state = 1;
for (let at = 0; at < signs.length; at += 1) {
  const bit = ((state >> 17) ^ (state >> 10)) & 1;
  state = ((state << 1) | bit) & period;
  signs[at] = bit;
}
for (let at = 0, window = 0; at < period + order - 1; at += 1) {
  window = ((window << 1) | (signs[at] ?? 0)) & period;
  if (at >= order - 1) placeOf[window] = at - order + 1;
}

export const signedAudio = (from: number, samples: number): Int16Array =>
  Int16Array.from({ length: samples }, (_, i) => (signs[from + i] === 1 ? amplitude : -amplitude));

/** A stretch of the signed audio. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** What stretches these blocks hold, each joined to the one before where it goes on at the very sample. */
export function stretchesIn(blocks: readonly Int16Array[]): Stretch[] {
  const found: { from: number; to: number }[] = [];
  for (const block of blocks) {
    const length = block.findLastIndex((sample) => sample !== 0) + 1;
    if (length === 0) continue;
    const last = found.at(-1);
    const from = length < order ? continuing(block, length, last?.to) : placeIn(block);
    if (length >= order) verify(block, length, from);
    if (last?.to === from) last.to += length;
    else found.push({ from, to: from + length });
  }
  return found;
}

function placeIn(block: Int16Array): number {
  let window = 0;
  for (let at = 0; at < order; at += 1) window = (window << 1) | ((block[at] ?? 0) > 0 ? 1 : 0);
  return placeOf[window] ?? -1;
}

/** Too short to tell its place: it can only go on where the one before ended. */
function continuing(block: Int16Array, length: number, from: number | undefined): number {
  if (from === undefined) throw new Error(`${length} samples from nowhere`);
  verify(block, length, from);
  return from;
}

function verify(block: Int16Array, length: number, from: number): void {
  for (let at = 0; at < length; at += 1) {
    if ((block[at] ?? 0) > 0 !== (signs[from + at] === 1)) throw new Error(`sample ${at} does not follow ${from}`);
  }
}
