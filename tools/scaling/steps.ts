/** How fast Kubernetes may follow a wish (`behavior` of autoscaling/v2). */
export interface Steps {
  readonly least: number;
  readonly most: number;
  readonly up: Pace & { readonly percent: number };
  readonly down: Pace;
}

interface Pace {
  /** At most so many instances in the period. */
  readonly pods: number;
  readonly periodMs: number;
  /** The mildest wish of so long counts. */
  readonly settledMs: number;
}

/**
 * Up at once, in steps that an instance needs to be there and be counted; down by one, after ten minutes without another wish: its
 * calls have to be handed over.
 */
export const steps: Steps = {
  least: 2,
  most: 10,
  up: { pods: 2, percent: 50, periodMs: 60_000, settledMs: 0 },
  down: { pods: 1, periodMs: 120_000, settledMs: 600_000 },
};

/** One look: how many were asked for, and how many there were then. */
interface Look {
  readonly at: number;
  readonly wanted: number;
  readonly replicas: number;
}

/** What a HorizontalPodAutoscaler makes of a factor: its algorithm with tolerance, stabilization and policies. Keeps the looks it needs. */
export function createScaler(given: Steps, replicas: number) {
  let looks: readonly Look[] = [];
  let now = replicas;

  const since = (at: number, forMs: number) => looks.filter((look) => look.at > at - forMs);
  /** How many there were when the period began. */
  const before = (at: number, { periodMs }: Pace) => since(at, periodMs)[0]?.replicas ?? now;
  const inBounds = (count: number) => Math.min(given.most, Math.max(given.least, count));

  return {
    look(at: number, factor: number): number {
      // What there is when it begins counts as the first wish.
      if (looks.length === 0) looks = [{ at, wanted: now, replicas: now }];
      const wanted = inBounds(Math.abs(factor - 1) > tolerance ? Math.ceil(now * factor) : now);
      const settled = (pace: Pace) => [wanted, ...since(at, pace.settledMs).map((look) => look.wanted)];
      const up = Math.min(...settled(given.up));
      const down = Math.max(...settled(given.down));
      const replicasBefore = now;
      if (up > now) now = Math.max(now, Math.min(up, highest(before(at, given.up), given.up)));
      else if (down < now) now = Math.min(now, Math.max(down, before(at, given.down) - given.down.pods));
      looks = [...since(at, longest(given)), { at, wanted, replicas: replicasBefore }];
      return now;
    },
  };
}

const tolerance = 0.1;
const highest = (from: number, { pods, percent }: Steps['up']) =>
  Math.max(from + pods, Math.ceil(from * (1 + percent / 100)));
const longest = ({ up, down }: Steps) => Math.max(up.periodMs, up.settledMs, down.periodMs, down.settledMs);
