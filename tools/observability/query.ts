import type { LabelsOf, MetricName } from '../../src/runtime/metrics/metrics.ts';

type Counter = MetricName<'counter'>;
type Histogram = MetricName<'histogram'>;
type Any = Counter | Histogram | MetricName<'gauge'>;
type Label<Name extends Any> = Extract<keyof LabelsOf<Name>, string>;

const step = '[$__rate_interval]';
const selected = (name: string, matchers = ''): string =>
  `${name}{instance=~"$instance"${matchers === '' ? '' : `,${matchers}`}}`;
const by = (labels: readonly string[]): string => (labels.length > 0 ? ` by (${labels.join(', ')})` : '');

/** A gauge as it is, of the instances that were chosen. */
export const now = (name: MetricName<'gauge'>, matchers?: string): string => selected(name, matchers);

/** A gauge summed over instances. */
export const total = <Name extends MetricName<'gauge'>>(name: Name, ...labels: readonly Label<Name>[]): string =>
  `sum${by(labels)} (${selected(name)})`;

/** How often a second something happens. */
export const perSecond = <Name extends Counter>(
  name: Name,
  labels: readonly Label<Name>[] = [],
  matchers?: string,
): string => `sum${by(labels)} (rate(${selected(name, matchers)}${step}))`;

/** … and of each instance by itself. */
export const perInstance = (name: Counter): string => `rate(${selected(name)}${step})`;

/** Of all that a counter counts, how much fits these matchers: from 0 to 1. */
export const share = <Name extends Counter>(
  name: Name,
  matchers: string,
  labels: readonly Label<Name>[] = [],
): string => `${perSecond(name, labels, matchers)} / ${perSecond(name, labels)}`;

/** A quantile of a histogram. */
export const quantile = <Name extends Histogram>(
  of: number,
  name: Name,
  labels: readonly Label<Name>[] = [],
  matchers?: string,
): string =>
  `histogram_quantile(${of}, sum by (${['le', ...labels].join(', ')}) (rate(${selected(`${name}_bucket`, matchers)}${step})))`;

/** The mean of what a histogram holds. */
export const mean = <Name extends Histogram>(
  name: Name,
  labels: readonly Label<Name>[] = [],
  matchers?: string,
): string =>
  `sum${by(labels)} (rate(${selected(`${name}_sum`, matchers)}${step})) / sum${by(labels)} (rate(${selected(`${name}_count`, matchers)}${step}))`;
