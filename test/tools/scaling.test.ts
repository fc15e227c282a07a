import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { made } from '../../tools/scaling/made.ts';
import { demands, fleet, outcomeOf, played, waves } from '../../tools/scaling/plays.ts';
import { factorExpr, factorSeries, figures } from '../../tools/scaling/rules.ts';
import { simulate } from '../../tools/scaling/simulate.ts';
import { createScaler, steps } from '../../tools/scaling/steps.ts';
import { factorOf, type FleetLoad, wishOf } from '../../tools/scaling/wish.ts';
import { promtool } from '../../tools/services/prometheus.ts';
import { unknownIn } from '../support/promql.ts';
import * as fc from '../support/properties.ts';

const root = join(import.meta.dirname, '../..');
const minuteMs = 60_000;

const low: FleetLoad = { cpu: 0.2, memory: 0.2, waiting: 0, responseMs: 20, places: 0.1 };
const middle: FleetLoad = { cpu: 0.5, memory: 0.5, waiting: 50, responseMs: 20, places: 0.5 };

describe('what is wished for', () => {
  it.each([
    ['cpu', 0.8, 0.81],
    ['memory', 0.8, 0.81],
    ['waiting', 100, 101],
    ['responseMs', 200, 201],
    ['places', 0.7, 0.71],
  ] as const)('D9.4 more instances where %s is over %d', (name, most, beyond) => {
    for (const load of [low, middle]) {
      expect(wishOf({ ...load, [name]: beyond })).toBe('up');
      expect(wishOf({ ...load, [name]: most })).not.toBe('up');
    }
  });

  it.each([
    ['cpu', 0.3],
    ['memory', 0.3],
    ['waiting', 10],
    ['places', 0.35],
  ] as const)('D9.4 fewer where all is low, and not where %s is %d', (name, enough) => {
    expect(wishOf({ ...low, [name]: enough - 0.01 })).toBe('down');
    expect(wishOf({ ...low, [name]: enough })).toBe('stay');
  });

  it('D9.4 what is not known asks for nothing, and keeps what is there', () => {
    for (const name of Object.keys(low)) {
      expect(wishOf({ ...middle, [name]: Number.NaN })).toBe('stay');
      if (name !== 'responseMs') expect(wishOf({ ...low, [name]: Number.NaN })).toBe('stay');
    }
  });
});

const of = (name: string, more: string, values: string) =>
  ['a', 'b'].map((instance) => ({ series: `${name}{instance="${instance}",job="voicechart"${more}}`, values }));

/** Series of two instances that are loaded so, for six minutes, each 30 s. */
function seriesOf({ cpu, memory, waiting, responseMs, places }: FleetLoad) {
  const door = (le: string, isIn: boolean) =>
    of('voicechart_http_request_seconds_bucket', `,door="api",le="${le}"`, `0+${isIn ? 30 : 0}x12`);
  return [
    ...of('voicechart_machine_cpu_seconds_total', '', `0+${cpu * 2 * 30}x12`),
    ...of('voicechart_cpu_cores', '', '2x12'),
    ...of('voicechart_memory_available_bytes', '', `${(1 - memory) * 1e9}x12`),
    ...of('voicechart_memory_limit_bytes', '', '1000000000x12'),
    ...of('voicechart_calls_waiting', '', `${waiting}x12`),
    ...of('voicechart_calls_active', '', `${places * 20}x12`),
    ...of('voicechart_call_capacity', '', '20x12'),
    ...door('0.1', responseMs <= 200),
    ...door('0.2', responseMs <= 200),
    ...door('0.35', true),
    ...door('+Inf', true),
    ...of('voicechart_http_request_seconds_count', ',door="api"', '0+30x12'),
  ];
}

/** Runs these cases in Prometheus' own rule engine: the factor after six minutes. */
async function inPrometheus(
  cases: readonly { readonly input_series: readonly object[]; readonly factor: number | undefined }[],
) {
  const folder = mkdtempSync(join(tmpdir(), 'voicechart-scaling-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  cpSync(join(root, 'deploy/scaling/rules.yml'), join(folder, 'rules.yml'));
  const tests = cases.map(({ input_series, factor }) => ({
    interval: '30s',
    input_series,
    promql_expr_test: [
      {
        expr: factorSeries,
        eval_time: '6m',
        exp_samples: factor === undefined ? [] : [{ labels: `{__name__="${factorSeries}"}`, value: factor }],
      },
    ],
  }));
  writeFileSync(
    join(folder, 'test.yml'),
    stringify({ rule_files: ['rules.yml'], evaluation_interval: '30s', tests }, { aliasDuplicateObjects: false }),
  );
  return promtool(folder, 'test', 'rules', 'test.yml');
}

const loads = fc.record({
  cpu: fc.constantFrom(0.2, 0.28, 0.5, 0.78, 0.9),
  memory: fc.constantFrom(0.2, 0.28, 0.5, 0.78, 0.9),
  waiting: fc.constantFrom(0, 9, 10, 100, 101),
  responseMs: fc.constantFrom(50, 300),
  places: fc.constantFrom(0, 0.3, 0.35, 0.7, 0.75),
});

describe('rules and manifests', () => {
  it('D9.4 are what the code makes them', () => {
    for (const [name, text] of Object.entries(made()))
      expect(
        readFileSync(join(root, name), 'utf8') === text,
        `${name}: node tools/run.js tools/scaling/main.ts --write`,
      ).toBe(true);
  });

  it('D9.4 ask for nothing that an instance does not show', () => {
    expect([factorExpr(), ...Object.values(figures).map(({ expr }) => expr)].flatMap(unknownIn)).toEqual([]);
  });

  it('D9.4 say in Prometheus what the function says', async () => {
    const all = [
      low,
      middle,
      ...fc.sample(
        fc.oneof(
          loads,
          loads.map((load) => ({ ...low, [one(load)]: load[one(load)] })),
        ),
        24,
      ),
    ];
    expect(new Set(all.map(wishOf))).toEqual(new Set(['up', 'stay', 'down']));
    const cases = all.map((load) => ({ input_series: seriesOf(load), factor: factorOf[wishOf(load)] }));
    const { ok, output } = await inPrometheus(cases);
    expect(ok, output.slice(0, 2000)).toBe(true);
  });

  it('D9.4 a few slow answers are no reason, and where a figure is missing nothing is scaled', async () => {
    const seldom = seriesOf({ ...low, responseMs: 300 }).map((each) => ({
      ...each,
      values: each.series.includes('http_request') ? each.values.replace('+30x', '+0.5x') : each.values,
    }));
    const without = seriesOf(low).filter(({ series }) => !series.includes('memory_limit'));
    const { ok, output } = await inPrometheus([
      { input_series: seldom, factor: 0.5 },
      { input_series: without, factor: undefined },
      { input_series: [], factor: undefined },
    ]);
    expect(ok, output.slice(0, 2000)).toBe(true);
  });

  it.each([['check', 'rules', 'rules.yml']])('D9.4 promtool %s %s %s', async (...args) => {
    const { ok, output } = await promtool(join(root, 'deploy/scaling'), ...args);
    expect(ok, output).toBe(true);
  });
});

/** Which of them a load is to have; the rest is low. */
const one = ({ waiting, places }: FleetLoad): keyof FleetLoad =>
  (Object.keys(low) as (keyof FleetLoad)[])[((waiting + places * 20) % 5) | 0]!;

/** Instances at each look, when they are asked for so. */
function counts(factor: (at: number) => number, from: number, minutes: number): number[] {
  const scaler = createScaler(steps, from);
  return Array.from({ length: minutes * 4 }, (_, look) => scaler.look(look * 15_000, factor(look * 15_000)));
}

describe('the steps that are taken', () => {
  it('D9.4 up at once, by two or by half within a minute, and not beyond the most', () => {
    const each = counts(() => 1.5, 2, 6);
    expect([each[0], each[4], each[8], each[12], each.at(-1)]).toEqual([3, 5, 8, 10, 10]);
  });

  it('D9.4 down by one in two minutes, after ten without another wish, and not under the least', () => {
    const each = counts(() => 0.5, 6, 30);
    const at = (minute: number) => each[minute * 4];
    expect([at(0), at(9), at(11), at(13), at(15), at(29)]).toEqual([6, 6, 5, 4, 3, 2]);
    expect(new Set(counts((at) => (at % (9 * minuteMs) === 0 ? 1 : 0.5), 6, 60))).toEqual(new Set([6]));
  });
});

const byOneLimit = ({ places }: FleetLoad): number => (places > 0.7 ? 1.5 : 0.5);

describe('recorded load', () => {
  it('D9.4 is served without flapping: instances turn no more often than the demand, and not at all where that is steady', () => {
    for (const { name, most, turns, turnsOfDemand, waitedMs } of played()) {
      // The first step up, and one back from it.
      expect(turns, name).toBeLessThanOrEqual(name === 'about 60' ? 1 : turnsOfDemand + 1);
      expect(waitedMs, name).toBeLessThanOrEqual(2 * minuteMs);
      expect(most, name).toBeGreaterThan(2);
    }
  });

  it('D9.4 waves of any height and length are followed by as many turns, and nobody waits for a minute', () => {
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 160 }), fc.integer({ min: 10, max: 240 }), (most, minutes) => {
        const moments = simulate(fleet, waves(most, minutes * minuteMs), 6 * 60 * minuteMs);
        const { turns, turnsOfDemand, waitedMs } = outcomeOf('waves', moments);
        expect(turns).toBeLessThanOrEqual(turnsOfDemand);
        expect(waitedMs).toBeLessThanOrEqual(minuteMs);
      }),
      { numRuns: 40 },
    );
  });

  it('D9.4 a steady demand comes to rest, whatever it is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 180 }), (calls) => {
        const moments = simulate(fleet, () => calls, 3 * 60 * minuteMs);
        const late = moments.slice(moments.length / 3);
        expect(new Set(late.map(({ instances }) => instances)).size).toBe(1);
        expect(late.at(-1)!.load.waiting).toBe(0);
      }),
      { numRuns: 40 },
    );
  });

  it('D9.4 goes back and forth where one limit is for both and every wish is followed at once: so it would be seen', () => {
    const hasty = { ...steps, down: { ...steps.up, pods: 5 } };
    const moments = simulate({ ...fleet, steps: hasty, factor: byOneLimit }, demands['steady 60']![0], 60 * minuteMs);
    expect(outcomeOf('hasty', moments).turns).toBeGreaterThan(10);
  });
});
