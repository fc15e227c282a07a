import type { TakeoverPart } from './args.ts';
import { percentile, quantityOf, type Repetitions } from './stats.ts';

/** What is asked of a quantity. */
export interface Goal {
  readonly of: 'p50' | 'p95' | 'p99' | 'mean' | 'max';
  readonly atMost: number;
}

/** One line of a benchmark's table. */
export interface Figure {
  readonly name: string;
  readonly unit:
    | 'ms'
    | '% of a core'
    | 'MB'
    | 'kB'
    | 'sockets'
    | 'words'
    | 'turns'
    | 'calls'
    | 'gaps'
    | 'writes'
    | 'webhooks';
  readonly n: number;
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
  readonly p50Spread: readonly [number, number];
  readonly goals: readonly (Goal & { readonly reached: boolean })[];
  readonly note?: string;
  /** Of a bench that has parts: the one it belongs to. */
  readonly part?: TakeoverPart;
  /** Load average when it was measured. */
  readonly load: number;
}

/** A figure of samples; nothing measured counts as not reached. */
export function figureOf(
  what: Pick<Figure, 'name' | 'note' | 'load'> & Partial<Pick<Figure, 'unit'>>,
  repetitions: Repetitions,
  goals: readonly Goal[] = [],
): Figure {
  const { name, unit = 'ms', note, load } = what;
  const quantity = quantityOf(repetitions) ?? {
    n: 0,
    p50: Number.NaN,
    p95: Number.NaN,
    max: Number.NaN,
    p50Spread: [Number.NaN, Number.NaN] as const,
  };
  const values = repetitions.flat();
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const of = { p50: quantity.p50, p95: quantity.p95, p99: percentile(values, 0.99), max: quantity.max, mean };
  return {
    name,
    unit,
    ...quantity,
    goals: goals.map((goal) => ({ ...goal, reached: of[goal.of] <= goal.atMost })),
    ...(note === undefined ? {} : { note }),
    load,
  };
}
