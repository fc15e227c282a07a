import { Counter, Gauge, Histogram, Registry } from '@prometheus-io/client';
import { createHub } from '../../runtime/hub.ts';
import { catalogue } from '../../runtime/metrics/catalogue.ts';
import { type Definition, type LabelSets, otherValue } from '../../runtime/metrics/definition.ts';
import type { Metrics, MetricsPage } from '../../runtime/metrics/metrics.ts';

type Labels = Readonly<Record<string, string>>;

/** Takes down one figure of one metric. */
type Take = (labels: Labels, value: number) => void;

/** Histograms of more combinations begin when they are told something: their zeros would be most of the page. */
const mostZeroed = 8;

/**
 * Metrics of one instance by Prometheus' own client, in a registry of their own. Counters and small histograms stand at 0 from the start,
 * so that the first event is seen as a rise. `threw` hears of what was asked before reading and threw.
 */
export function createPrometheus(threw: (error: unknown) => void): Metrics & MetricsPage {
  const registry = new Registry();
  const recorders = new Map(
    Object.entries<Definition>(catalogue).map(([name, each]) => [name, recorderOf(registry, name, each)]),
  );
  const reading = createHub<void>(threw);
  const record = (name: string, labels: Labels, value: number): void => {
    if (Number.isFinite(value)) recorders.get(name)?.(labels, value);
  };
  return {
    add: (name, labels, by = 1) => void (by >= 0 && record(name, labels, by)),
    set: record,
    observe: record,
    beforeReading: reading.listen,
    contentType: registry.contentType,
    text() {
      reading.tell();
      return registry.metrics();
    },
  };
}

function recorderOf(registry: Registry, name: string, definition: Definition): Take {
  const { help, labels } = definition;
  const options = { name, help, labelNames: Object.keys(labels), registers: [registry] };
  const closed = closing(labels);
  switch (definition.type) {
    case 'counter': {
      const counter = new Counter(options);
      for (const each of combinations(labels)) counter.inc(each, 0);
      return (given, by) => counter.inc(closed(given), by);
    }
    case 'gauge': {
      const gauge = new Gauge(options);
      return (given, value) => gauge.set(closed(given), value);
    }
    case 'histogram': {
      const histogram = new Histogram({ ...options, buckets: [...definition.buckets] });
      const all = combinations(labels);
      if (all.length <= mostZeroed) for (const each of all) histogram.zero(each);
      return (given, value) => histogram.observe(closed(given), value);
    }
  }
}

/** Labels as they may be shown: each that the metric has, with a value of its set. */
function closing(sets: LabelSets): (given: Labels) => Record<string, string> {
  const allowed = Object.entries(sets).map(([label, set]) => [label, new Set(set)] as const);
  return (given) =>
    Object.fromEntries(
      allowed.map(([label, set]) => {
        const value = given[label] ?? otherValue;
        return [label, set.has(value) ? value : otherValue];
      }),
    );
}

/** Every way to fill the labels, but for what counts as `other`. */
const combinations = (sets: LabelSets): Record<string, string>[] =>
  Object.entries(sets).reduce<Record<string, string>[]>(
    (filled, [label, set]) => filled.flatMap((each) => set.map((value) => ({ ...each, [label]: value }))),
    [{}],
  );
