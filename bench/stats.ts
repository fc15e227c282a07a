/** The value below which this share of the values lies (nearest rank); NaN of nothing. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? Number.NaN;
}

/** One measured quantity: its samples, one list for each repetition (a call, a run). */
export type Repetitions = readonly (readonly number[])[];

export interface Quantity {
  readonly n: number;
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
  /** Least and greatest p50 of a repetition. */
  readonly p50Spread: readonly [number, number];
}

/** Percentiles over everything, and how far the repetitions lie apart; undefined of nothing. */
export function quantityOf(repetitions: Repetitions): Quantity | undefined {
  const values = repetitions.flat();
  if (values.length === 0) return undefined;
  const medians = repetitions.filter((each) => each.length > 0).map((each) => percentile(each, 0.5));
  return {
    n: values.length,
    p50: percentile(values, 0.5),
    p95: percentile(values, 0.95),
    max: Math.max(...values),
    p50Spread: [Math.min(...medians), Math.max(...medians)],
  };
}
