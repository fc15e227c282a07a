/** How closely the heard level must follow the sent one, dB (standard deviation), and what share of its movement that may leave. */
const closeDb = 1.5;
const unexplained = 0.08;
/** Frames in which we sent less than this below our loudest tell nothing: the echo is lost in the noise there. */
const usefulDb = 15;

export interface EnvelopeMatch {
  /** Heard level minus sent level, dB. */
  readonly returnDb: number;
  readonly lag: number;
}

/**
 * Compares the last `frames` levels of `heard` with those of `sent`, any number of frames (0…`lags`) earlier; both end now.
 * Gives the closest match, or nothing when the heard sound does not follow, or we sent too even a sound to tell.
 */
export function envelopeMatch(
  heard: Float64Array,
  sent: Float64Array,
  limits: { readonly frames: number; readonly lags: number; readonly leastRangeDb: number },
): EnvelopeMatch | undefined {
  if (rangeOf(heard, limits.frames) < limits.leastRangeDb - 2 * closeDb) return undefined;
  let best: EnvelopeMatch | undefined;
  let least = closeDb * closeDb;
  for (let lag = 0; lag < limits.lags; lag += 1) {
    const { useful, rangeDb, meanDb, residual, movement } = compare(heard, sent, limits.frames, lag);
    if (useful < 0.7 * limits.frames || rangeDb < limits.leastRangeDb) continue;
    if (residual >= least || residual > unexplained * movement) continue;
    least = residual;
    best = { returnDb: meanDb, lag };
  }
  return best;
}

function rangeOf(levels: Float64Array, frames: number): number {
  let least = Infinity;
  let most = -Infinity;
  for (let i = levels.length - frames; i < levels.length; i += 1) {
    least = Math.min(least, levels[i]!);
    most = Math.max(most, levels[i]!);
  }
  return most - least;
}

function compare(heard: Float64Array, sent: Float64Array, frames: number, lag: number) {
  const h = heard.length - frames;
  const s = sent.length - frames - lag;
  let loudest = -100;
  for (let i = 0; i < frames; i += 1) loudest = Math.max(loudest, sent[s + i]!);
  let useful = 0;
  let softest = 0;
  let sum = 0;
  let squares = 0;
  let heardSum = 0;
  let heardSquares = 0;
  for (let i = 0; i < frames; i += 1) {
    const out = sent[s + i]!;
    if (out < loudest - usefulDb) continue;
    const difference = heard[h + i]! - out;
    useful += 1;
    softest = Math.min(softest, out);
    sum += difference;
    squares += difference * difference;
    heardSum += heard[h + i]!;
    heardSquares += heard[h + i]! * heard[h + i]!;
  }
  const residual = squares / useful - (sum / useful) ** 2;
  const movement = heardSquares / useful - (heardSum / useful) ** 2;
  return { useful, rangeDb: loudest - softest, meanDb: sum / useful, residual, movement };
}
