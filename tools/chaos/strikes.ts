/** What chaos does to a running system, and which part of it that befalls. */
export const strikes = {
  'kill instance': {
    part: 'instances',
    about: 'SIGKILL to an instance that has calls; another one starts after a moment',
  },
  'freeze instance': { part: 'instances', about: 'SIGSTOP to an instance for longer than a claim lasts, then SIGCONT' },
  'roll instance': { part: 'instances', about: 'SIGTERM to an instance, as a deploy does; another one starts' },
  'kill process': {
    part: 'instances',
    about: 'SIGKILL to one of the processes that run calls for an instance with workers',
  },
  'hang process': {
    part: 'instances',
    about: 'the event loop of a process that runs calls stands still for four seconds',
  },
  'lose webhooks': {
    part: 'webhooks',
    about: 'a third of the webhooks never arrives, until one of a caller who joined was lost',
  },
  'repeat webhooks': { part: 'webhooks', about: 'webhooks arrive twice, and the second time late' },
  'delay webhooks': { part: 'webhooks', about: 'webhooks arrive up to four seconds late, in any order' },
  'forge webhooks': {
    part: 'webhooks',
    about: 'with each webhook come two that say that its room is finished, and are not signed for it',
  },
  'kill redis': { part: 'redis', about: 'the primary Redis dies; a replica takes its place, and it comes back as one' },
  'freeze redis': { part: 'redis', about: 'the primary Redis stands still for three seconds' },
  'slow redis': { part: 'redis', about: 'for six seconds every answer of Redis comes half a second late' },
  'restart livekit': { part: 'livekit', about: 'the LiveKit server dies and is there again at once' },
  'vendor fault': { part: 'vendors', about: 'a vendor refuses, hangs, or breaks off for a while' },
} as const;

export type StrikeKind = keyof typeof strikes;

/** To each part one thing is done at a time. */
export type Part = (typeof strikes)[StrikeKind]['part'];

export const strikeKinds = Object.keys(strikes) as readonly StrikeKind[];

/** What one of the callers does a second after a strike began. */
export const whims = ['nothing', 'reconnects', 'hangs up'] as const;

export type Whim = (typeof whims)[number];

/** One thing done to the system. `pick` chooses among what there is then: 0 ≤ pick < 1. */
export interface Strike {
  /** ms since the calls began. */
  readonly atMs: number;
  readonly kind: StrikeKind;
  readonly pick: number;
  readonly whim: Whim;
}

/** The callers have the line to themselves at the beginning. */
const firstMs = 8_000;
const leastApartMs = 7_000;
const mostApartMs = 13_000;

/**
 * What is to be done in so much time: every kind once before one comes again, in an order and at moments that follow from
 * `random` alone.
 */
export function planOf(random: () => number, durationMs: number, kinds: readonly StrikeKind[] = strikeKinds): Strike[] {
  const plan: Strike[] = [];
  let bag: StrikeKind[] = [];
  for (let atMs = firstMs; atMs < durationMs; atMs += leastApartMs + random() * (mostApartMs - leastApartMs)) {
    if (bag.length === 0) bag = shuffled(random, kinds);
    const whim = whims[Math.floor(random() * whims.length)]!;
    plan.push({ atMs: Math.round(atMs), kind: bag.pop()!, pick: random(), whim });
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
