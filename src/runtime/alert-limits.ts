import type { Alert, AlertFacts, AlertKind } from './alerts.ts';

/** What is held against the limits of SPEC D9.3. */
export interface Figures {
  /** Requests to LiveKit's API in the window; of them failed, and turned away or left for want of room. */
  readonly requests: number;
  readonly failed: number;
  readonly overloaded: number;
  readonly windowMs: number;
  /** Of these requests those that may be timed, and of them slower than the limit. */
  readonly timed: number;
  readonly slow: number;
  readonly meanMs: number;
  /** From 0 to 1. */
  readonly cpu: number;
  readonly memory: number;
}

export const apiLatencyMs = 100;
const mostFailed = 0.01;
const fewestServedPerSecond = 500;
const mostUsed = 0.8;
/** Fewer say nothing about shares. */
const fewestRequests = 20;
const fewestFailed = 3;

/** Readings in a row: a limit must be passed so often before it is told, and be kept so often before that is over. */
const breaches = 2;
const keeps = 4;
/** Kept is what is this far under a limit. */
const margin = 0.9;

type LimitKind = Extract<AlertKind, 'api_latency' | 'api_errors' | 'throughput' | 'cpu' | 'memory'>;

interface Limit {
  readonly kind: LimitKind;
  readonly severity: Alert['severity'];
  /** 1 is the limit itself; 0 where there is too little to judge by. */
  readonly load: (figures: Figures) => number;
  readonly says: (figures: Figures) => string;
  readonly facts: (figures: Figures) => AlertFacts;
}

const percent = (share: number): string => `${Math.round(share * 1000) / 10} %`;
const share = (part: number, whole: number): number => (whole >= fewestRequests ? part / whole : 0);
const perSecond = (count: number, { windowMs }: Figures): number => Math.round((count * 1000) / windowMs);
const asked = (figures: Figures): number => perSecond(figures.requests, figures);
const served = (figures: Figures): number => perSecond(figures.requests - figures.overloaded, figures);

/** One line for each figure of SPEC D9.3. */
const limits: readonly Limit[] = [
  {
    kind: 'api_latency',
    severity: 'warning',
    load: ({ slow, timed }) => share(slow, timed) / 0.5,
    says: ({ slow, timed }) => `${percent(slow / timed)} of the requests to LiveKit take more than ${apiLatencyMs} ms`,
    facts: ({ timed, slow, meanMs }) => ({ timed, slow, meanMs }),
  },
  {
    kind: 'api_errors',
    severity: 'critical',
    load: ({ failed, requests }) => (failed >= fewestFailed ? share(failed, requests) / mostFailed : 0),
    says: ({ failed, requests }) => `${percent(failed / requests)} of the requests to LiveKit fail`,
    facts: ({ requests, failed }) => ({ requests, failed }),
  },
  {
    kind: 'throughput',
    severity: 'warning',
    // Who is asked for less cannot serve more: that is no alarm.
    load: (figures) =>
      asked(figures) < fewestServedPerSecond ? 0 : fewestServedPerSecond / Math.max(1, served(figures)),
    says: (figures) => `Of ${asked(figures)} requests a second ${served(figures)} are served`,
    facts: (figures) => ({ askedPerSecond: asked(figures), servedPerSecond: served(figures) }),
  },
  ...(['cpu', 'memory'] as const).map((kind) => ({
    kind,
    severity: 'warning' as const,
    load: (figures: Figures) => figures[kind] / mostUsed,
    says: (figures: Figures) => `${percent(figures[kind])} of the ${kind === 'cpu' ? 'CPU' : 'memory'} is in use`,
    facts: (figures: Figures) => ({ used: Math.round(figures[kind] * 1000) / 1000 }),
  })),
];

/** Of each limit how it stands. Plain JSON. */
export type Standing = Readonly<Partial<Record<LimitKind, { readonly row: number; readonly isRaised: boolean }>>>;

export interface Judgement {
  readonly standing: Standing;
  readonly raised: readonly Alert[];
  readonly resolved: readonly LimitKind[];
}

/** One reading held against all limits: what is wrong after it, and what no longer is. What stays wrong is raised again. */
export function judge(before: Standing, figures: Figures): Judgement {
  const steps = limits.map((limit) => ({ limit, step: stepOf(before[limit.kind], limit.load(figures)) }));
  return {
    standing: Object.fromEntries(steps.map(({ limit, step }) => [limit.kind, step])),
    raised: steps
      .filter(({ limit, step }) => step.isRaised && limit.load(figures) > 1)
      .map(({ limit }) => alertOf(limit, figures)),
    resolved: steps
      .filter(({ limit, step }) => before[limit.kind]?.isRaised && !step.isRaised)
      .map(({ limit }) => limit.kind),
  };
}

/** `row`: readings in a row that speak against how it stands. */
function stepOf({ row, isRaised } = { row: 0, isRaised: false }, load: number) {
  const speaksAgainst = isRaised ? load <= margin : load > 1;
  if (!speaksAgainst) return { row: 0, isRaised };
  const turns = row + 1 >= (isRaised ? keeps : breaches);
  return turns ? { row: 0, isRaised: !isRaised } : { row: row + 1, isRaised };
}

const alertOf = ({ kind, severity, says, facts }: Limit, figures: Figures): Alert => ({
  kind,
  target: 'instance',
  severity,
  summary: says(figures),
  facts: facts(figures),
});
