import { factorOf, type FleetLoad, limits } from './wish.ts';

/** What the scaler reads. */
export const factorSeries = 'voicechart:scale:factor';

/** Requests in five minutes of which a percentile says something. */
const fewestRequests = 20;

interface Figure {
  readonly series: string;
  readonly expr: string;
  /** From the unit of the limits to that of the series. */
  readonly per: number;
}

/** Each figure of a fleet's load as Prometheus has it. */
export const figures: Readonly<Record<keyof FleetLoad, Figure>> = {
  cpu: {
    series: 'voicechart:scale_cpu:share',
    expr: 'avg(rate(voicechart_machine_cpu_seconds_total[2m]) / on (instance, job) voicechart_cpu_cores)',
    per: 1,
  },
  memory: {
    series: 'voicechart:scale_memory:share',
    expr: 'avg(1 - voicechart_memory_available_bytes / voicechart_memory_limit_bytes)',
    per: 1,
  },
  // Of a queue that instances share each tells the whole.
  waiting: { series: 'voicechart:scale_waiting:calls', expr: 'max(voicechart_calls_waiting)', per: 1 },
  responseMs: {
    series: 'voicechart:scale_response:p95_seconds',
    expr: [
      'histogram_quantile(0.95, sum by (le) (rate(voicechart_http_request_seconds_bucket[2m])))',
      `  and on () sum(increase(voicechart_http_request_seconds_count[5m])) >= ${fewestRequests}`,
      '  or on () vector(0)',
    ].join('\n'),
    per: 1000,
  },
  places: {
    series: 'voicechart:scale_places:share',
    expr: 'sum(voicechart_calls_active) / sum(voicechart_call_capacity)',
    per: 1,
  },
};

const all = Object.entries(figures) as readonly (readonly [keyof FleetLoad, Figure])[];

/** `wishOf` and `factorOf` in PromQL. Where a figure is missing there is no factor, and nothing is scaled. */
export function factorExpr(): string {
  const up = all.map(([name, { series, per }]) => `(${series} > bool ${limits[name].up / per})`).join('\n  + ');
  const down = all
    .flatMap(([name, { series, per }]) => {
      const limit = limits[name].down;
      return limit === undefined ? [] : [`(${series} < bool ${limit / per})`];
    })
    .join('\n  * ');
  const more = factorOf.up - factorOf.stay;
  const less = factorOf.stay - factorOf.down;
  return `${factorOf.stay}\n+ ${more} * (\n  ${up}\n  > bool 0)\n- ${less} * (\n  ${down})\n  * (\n  ${up}\n  == bool 0)`;
}

const indented = (text: string): string =>
  text
    .split('\n')
    .map((line) => `          ${line}`)
    .join('\n');
const rule = (series: string, expr: string): string =>
  `      - record: ${series}\n        expr: |\n${indented(expr)}\n`;

/** Prometheus' rules file. */
export const rulesFile = (): string =>
  [
    '# By what Voicechart is scaled (docs/scaling.md). Made by `node tools/run.js tools/scaling/main.ts --write` from tools/scaling/wish.ts.',
    'groups:',
    '  - name: voicechart-scaling',
    '    interval: 15s',
    '    rules:',
    `${all.map(([, { series, expr }]) => rule(series, expr)).join('')}${rule(factorSeries, factorExpr())}`,
  ].join('\n');
