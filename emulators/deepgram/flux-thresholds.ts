/** Thresholds of a v2 stream; without an eager one there are no eager events. */
export interface Thresholds {
  readonly eager_eot_threshold?: number;
  readonly eot_threshold: number;
  readonly eot_timeout_ms: number;
}

const numberOf = (query: URLSearchParams, name: string): number | undefined =>
  query.has(name) ? Number(query.get(name)) : undefined;

export function configuration(query: URLSearchParams): Thresholds {
  const eager = numberOf(query, 'eager_eot_threshold');
  return {
    ...(eager === undefined ? {} : { eager_eot_threshold: eager }),
    eot_threshold: numberOf(query, 'eot_threshold') ?? 0.7,
    eot_timeout_ms: numberOf(query, 'eot_timeout_ms') ?? 5000,
  };
}

/** What is wrong with them, in words, if anything. */
export function refusedThresholds(thresholds: Thresholds): string | undefined {
  const { eager_eot_threshold: eager, eot_threshold: end, eot_timeout_ms: timeout } = thresholds;
  if (eager !== undefined && !within(eager, 0.3, 0.9)) return 'eager_eot_threshold must lie between 0.3 and 0.9';
  if (!within(end, 0.5, 1)) return 'eot_threshold must lie between 0.5 and 1.0';
  if (!within(timeout, 500, 60_000)) return 'eot_timeout_ms must lie between 500 and 60000';
  if (eager !== undefined && eager > end) return 'eager_eot_threshold must not exceed eot_threshold';
  return undefined;
}

const within = (value: number, least: number, most: number): boolean => value >= least && value <= most;
