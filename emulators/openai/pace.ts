import { createRandom } from '../kit/random.ts';
import type { Piece } from './chunks.ts';

export interface Pace {
  readonly firstTokenMs: number;
  readonly tokenMs: number;
  /** Each token comes up to this much later than it would. */
  readonly jitterMs: number;
}

/** When each piece is due, ms after the request: the same for the same `seed`. What is no token comes along with the one before it. */
export function paceOf(pieces: readonly Piece[], { firstTokenMs, tokenMs, jitterMs }: Pace, seed: string): number[] {
  const random = createRandom(seed);
  let dueMs = firstTokenMs + jitterMs * random();
  return pieces.map(({ token }, index) => {
    if (token && index > 1) dueMs += tokenMs + jitterMs * random();
    return dueMs;
  });
}
