import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { catalogue } from '../../src/runtime/metrics/catalogue.ts';
import { made } from '../../tools/observability/made.ts';
import { rows } from '../../tools/observability/panels.ts';
import { promtool } from '../../tools/services/prometheus.ts';
import { unknownIn, usedIn } from '../support/promql.ts';

const root = join(import.meta.dirname, '../..');
const folder = join(root, 'deploy/observability');
const fileOf = (name: string) => readFileSync(join(root, name), 'utf8');

interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly annotations?: { readonly summary?: string };
}
interface Rules {
  readonly groups: readonly { readonly rules: readonly Rule[] }[];
}
interface RuleTests {
  readonly tests: readonly {
    readonly input_series: readonly { readonly series: string }[];
    readonly alert_rule_test: readonly { readonly alertname: string; readonly exp_alerts: readonly object[] }[];
  }[];
}

const rules = (parse(fileOf('deploy/observability/rules.yml')) as Rules).groups.flatMap(({ rules }) => rules);
const { tests } = parse(fileOf('deploy/observability/rules.test.yml')) as RuleTests;
const panels = rows.flatMap((row) => row.panels);
const queries = panels.flatMap(({ lines }) => Object.values(lines));
const expressions = [...queries, ...rules.map(({ expr }) => expr)];

/** Alerts of which a test says that they are told, or that they are not. */
const tested = (isTold: boolean): ReadonlySet<string> =>
  new Set(
    tests
      .flatMap((each) => each.alert_rule_test)
      .filter(({ exp_alerts: told }) => told.length > 0 === isTold)
      .map(({ alertname }) => alertname),
  );

describe('what watches an instance', () => {
  it('D5.3 the dashboard and docs/metrics.md are what the code makes them', () => {
    for (const [name, text] of Object.entries(made(root)))
      expect(fileOf(name) === text, `${name}: node tools/run.js tools/observability/main.ts --write`).toBe(true);
  });

  it('asks for nothing that an instance does not show, and shows all that there is', () => {
    const series = tests.flatMap((each) => each.input_series.map((input) => input.series));
    expect([...expressions, ...series.filter((each) => !each.startsWith('up{'))].flatMap(unknownIn)).toEqual([]);
    const used = new Set(expressions.flatMap(usedIn));
    expect(Object.keys(catalogue).filter((name) => !used.has(name))).toEqual([]);
  });

  it('D5.3 each panel has a name of its own, says what it shows, and tells its lines from each other', () => {
    expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
    for (const { title, about, lines } of panels) {
      expect(about, title).not.toBe('');
      expect(Object.keys(lines).length, title).toBeGreaterThan(0);
    }
  });

  it('the dashboard’s panels have room beside each other, and ids of their own', () => {
    const { panels: placed } = JSON.parse(fileOf('deploy/observability/grafana-dashboard.json')) as {
      panels: readonly { id: number; gridPos: { x: number; y: number; w: number; h: number } }[];
    };
    const cells = placed.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, at) => `${x + (at % w)},${y + Math.floor(at / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(Math.max(...cells.map((cell) => Number(cell.split(',')[0])))).toBeLessThan(24);
    expect(new Set(placed.map(({ id }) => id)).size).toBe(placed.length);
  });

  it('D5.4 D9.3 each alert is tested to be told, and not to be', () => {
    const alerts = new Set(rules.flatMap(({ alert }) => (alert === undefined ? [] : [alert])));
    expect([...alerts].toSorted()).toEqual([...tested(true)].toSorted());
    alerts.delete('VoicechartDeadMansSwitch');
    expect([...alerts].toSorted()).toEqual([...tested(false)].toSorted());
    for (const { alert, annotations } of rules) if (alert) expect(annotations?.summary, alert).toBeTruthy();
  });

  it.each([
    ['check', 'config', 'prometheus.yml'],
    ['check', 'rules', 'rules.yml'],
    ['test', 'rules', 'rules.test.yml'],
  ])('D9.3 promtool %s %s %s', async (...args) => {
    const { ok, output } = await promtool(folder, ...args);
    expect(ok, output).toBe(true);
  });
});
