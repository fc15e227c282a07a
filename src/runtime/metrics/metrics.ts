import type { catalogue } from './catalogue.ts';

type Catalogue = typeof catalogue;

/** Names of the metrics of one type. */
export type MetricName<Type extends 'counter' | 'gauge' | 'histogram'> = {
  [Name in keyof Catalogue]: Catalogue[Name]['type'] extends Type ? Name : never;
}[keyof Catalogue];

/** Each label of the metric with a value; one that is none of its set counts as `other`. */
export type LabelsOf<Name extends keyof Catalogue> = {
  readonly [Label in keyof Catalogue[Name]['labels']]: string;
};

/**
 * Takes figures down, in memory and at once; never throws. What is no number is left out. Nothing on the voice path calls it:
 * it is told by what listens to the hubs of `openCare`.
 */
export interface Metrics {
  /** Counts on, by 1 unless said otherwise; never down. */
  add<Name extends MetricName<'counter'>>(name: Name, labels: LabelsOf<Name>, by?: number): void;
  set<Name extends MetricName<'gauge'>>(name: Name, labels: LabelsOf<Name>, value: number): void;
  observe<Name extends MetricName<'histogram'>>(name: Name, labels: LabelsOf<Name>, value: number): void;
  /** Called right before the figures are read: for what is only known by asking. Returns the end of it. */
  beforeReading(ask: () => void): () => void;
}

/** The figures as Prometheus reads them. */
export interface MetricsPage {
  readonly contentType: string;
  text(): Promise<string>;
}
