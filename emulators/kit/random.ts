/** Numbers from 0 up to 1: the same ones for the same seed, in every run (FNV-1a into Park-Miller). */
export function createRandom(seed: string): () => number {
  let state = 2_166_136_261;
  for (const letter of seed) state = Math.imul(state ^ letter.codePointAt(0)!, 16_777_619);
  state = ((state >>> 0) % 2_147_483_646) + 1;
  const next = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  // Seeds that are alike begin alike.
  next();
  next();
  return next;
}
