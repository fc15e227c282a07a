/** What may be told to whoever keeps the instance running; a closed set, for tables, metrics and filters. */
export const alertKinds = [
  'target_status',
  'posture',
  'recovery_escalated',
  'api_latency',
  'api_errors',
  'throughput',
  'cpu',
  'memory',
  'call_crashed',
  'call_lost',
  'calls_vanished',
  'suspicious',
  'alerts_overflow',
  'test',
] as const;

export type AlertKind = (typeof alertKinds)[number];

export const severities = ['info', 'warning', 'critical'] as const;

export type Severity = (typeof severities)[number];

/** Plain values only: they go into the log, the API and the webhook. Never what callers say, nor their numbers. */
export type AlertFacts = Readonly<Record<string, string | number | boolean>>;

export interface Alert {
  readonly kind: AlertKind;
  /** What it is about: a `Target`, a kind of source, or `instance`. With `kind` the name of the incident. */
  readonly target: string;
  readonly severity: Severity;
  /** One line for a person: what is so, and since when or how much. */
  readonly summary: string;
  readonly facts?: AlertFacts;
}

/** Tells operators what they must know. Never waits, never throws, may be called at any rate. */
export interface Alerts {
  /** Something is wrong. Said again of the same kind and target, it is counted and not told again for ten minutes. */
  raise(alert: Alert): void;
  /** It is over. Nothing where nothing was raised. */
  resolve(which: Pick<Alert, 'kind' | 'target'>): void;
}

/** What is the same for all instances, so that one of them tells it; the rest is of one instance alone. */
export const isCommon = (kind: AlertKind): boolean =>
  kind === 'target_status' || kind === 'posture' || kind === 'recovery_escalated';
