import type { Clock } from '../../clock.ts';

export interface Tally {
  /** Counts one of a source; true when it is the one by which so many came within the window. Then that source is counted anew. */
  reaches(source: string): boolean;
  /** Sources that are remembered. */
  size(): number;
}

interface TallyOptions {
  readonly most: number;
  readonly withinMs: number;
  /** The source that was seen least lately gives way. */
  readonly mostSources: number;
  readonly clock: Pick<Clock, 'now'>;
}

/** Exact over a window that slides: of each source the moments of the last ones are kept. */
export function createTally({ most, withinMs, mostSources, clock }: TallyOptions): Tally {
  const moments = new Map<string, readonly number[]>();
  return {
    reaches(source) {
      const now = clock.now();
      const lately = [...(moments.get(source) ?? []), now].filter((at) => at > now - withinMs);
      // Last in the order of the map: seen most lately.
      moments.delete(source);
      if (lately.length >= most) return true;
      moments.set(source, lately);
      for (const oldest of moments.keys()) {
        if (moments.size <= mostSources) break;
        moments.delete(oldest);
      }
      return false;
    },
    size: () => moments.size,
  };
}
