/** What chaos does to a running system. */
export const strikes = {
  'kill instance': 'SIGKILL to an instance that has a call; another one starts after a moment',
  'freeze instance': 'SIGSTOP to an instance for longer than a claim lasts, then SIGCONT',
  'roll instance': 'SIGTERM to an instance, as a deploy does; another one starts',
  'lose webhooks': 'up to a third of the webhooks never arrive',
  'repeat webhooks': 'webhooks arrive twice, and late',
  'freeze redis': 'the Redis of the calls stands still for three seconds',
  'restart livekit': 'the LiveKit server dies and is there again at once',
  'vendor fault': 'a vendor refuses, hangs, or breaks off for a while',
} as const;

export type StrikeKind = keyof typeof strikes;

export const strikeKinds = Object.keys(strikes) as readonly StrikeKind[];

/** One thing done to the system. `pick` chooses among what there is then: 0 ≤ pick < 1. */
export interface Strike {
  /** ms since the calls began. */
  readonly atMs: number;
  readonly kind: StrikeKind;
  readonly pick: number;
}

/** The callers have the line to themselves at the beginning; one strike after the other, so that each can be told by what it did. */
const firstMs = 8_000;
const leastApartMs = 9_000;
const mostApartMs = 16_000;

/**
 * What is to be done in so much time: every kind once before one comes again, in an order and at moments that follow from
 * `random` alone.
 */
export function planOf(random: () => number, durationMs: number, kinds: readonly StrikeKind[] = strikeKinds): Strike[] {
  const plan: Strike[] = [];
  let bag: StrikeKind[] = [];
  for (let atMs = firstMs; atMs < durationMs; atMs += leastApartMs + random() * (mostApartMs - leastApartMs)) {
    if (bag.length === 0) bag = shuffled(random, kinds);
    plan.push({ atMs: Math.round(atMs), kind: bag.pop()!, pick: random() });
  }
  return plan;
}

/** Fisher and Yates. */
function shuffled<T>(random: () => number, items: readonly T[]): T[] {
  const all = [...items];
  for (let at = all.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    [all[at], all[other]] = [all[other]!, all[at]!];
  }
  return all;
}
