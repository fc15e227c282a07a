/** What each label may say: closed sets, so never a call, a room, a number or a person. */
export type LabelSets = Readonly<Record<string, readonly string[]>>;

interface Defined<Labels extends LabelSets> {
  /** One line for whoever reads the page. */
  readonly help: string;
  readonly labels: Labels;
}

/** Only grows; its name ends in `_total`. */
export interface Counter<Labels extends LabelSets = LabelSets> extends Defined<Labels> {
  readonly type: 'counter';
}

export interface Gauge<Labels extends LabelSets = LabelSets> extends Defined<Labels> {
  readonly type: 'gauge';
}

export interface Histogram<Labels extends LabelSets = LabelSets> extends Defined<Labels> {
  readonly type: 'histogram';
  /** Upper bounds, growing; in seconds for a name that ends in `_seconds`. */
  readonly buckets: readonly number[];
}

export type Definition = Counter | Gauge | Histogram;

type NoLabels = Readonly<Record<never, readonly string[]>>;

export const counter = <const Labels extends LabelSets = NoLabels>(
  help: string,
  labels: Labels = {} as Labels,
): Counter<Labels> => ({ type: 'counter', help, labels });

export const gauge = <const Labels extends LabelSets = NoLabels>(
  help: string,
  labels: Labels = {} as Labels,
): Gauge<Labels> => ({ type: 'gauge', help, labels });

export const histogram = <const Labels extends LabelSets = NoLabels>(
  help: string,
  buckets: readonly number[],
  labels: Labels = {} as Labels,
): Histogram<Labels> => ({ type: 'histogram', help, labels, buckets });

/** Stands for what a label's set does not have. */
export const otherValue = 'other';

/** All that a label can say. */
const valuesOf = (set: readonly string[]): readonly string[] => [...new Set([...set, otherValue])];

/** How many series it makes at the most, whatever it is told. */
export function mostSeries(definition: Definition): number {
  const combinations = Object.values(definition.labels).reduce((product, set) => product * valuesOf(set).length, 1);
  // Of a histogram: each bucket, +Inf, the sum and the count.
  return combinations * (definition.type === 'histogram' ? definition.buckets.length + 3 : 1);
}
