import { describe, expect, it } from 'vitest';
import { createPrometheus } from '../../../src/adapters/prometheus/metrics.ts';
import { catalogue, seriesBound } from '../../../src/runtime/metrics/catalogue.ts';
import { type Definition, mostSeries } from '../../../src/runtime/metrics/definition.ts';
import type { Metrics } from '../../../src/runtime/metrics/metrics.ts';
import { sampleOf, samplesOf } from '../../support/metrics-page.ts';

const open = (threw: (error: unknown) => void = () => {}) => createPrometheus(threw);
const all = Object.entries<Definition>(catalogue);
const stage = { stage: 'reply' };

/** Metrics as code that does not know their types would fill them. */
type Careless = Record<'add' | 'set' | 'observe', (name: string, labels: object, value: number) => void>;
const verbOf = { counter: 'add', gauge: 'set', histogram: 'observe' } as const;

describe('metrics', () => {
  it('D5.3 R7.3 are read as Prometheus reads them', async () => {
    const metrics = open();
    metrics.observe('voicechart_turn_stage_seconds', stage, 0.7);
    const page = await metrics.text();
    expect(metrics.contentType).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(sampleOf(page, 'voicechart_turn_stage_seconds_sum', stage)).toBe(0.7);
    expect(sampleOf(page, 'voicechart_turn_stage_seconds_bucket', { ...stage, le: '0.65' })).toBe(0);
    expect(sampleOf(page, 'voicechart_turn_stage_seconds_bucket', { ...stage, le: '0.8' })).toBe(1);
  });

  it('have no more series than they may, whatever they are told', async () => {
    const metrics = open();
    const careless = metrics as unknown as Careless & Metrics;
    for (let odd = 0; odd < 300; odd += 1)
      for (const [name, { type, labels }] of all) {
        const said = Object.keys(labels).map((label) => [label, `+1555${odd}\n"} x{a="${odd}`]);
        careless[verbOf[type]](name, { ...Object.fromEntries(said), room: `call-${odd}` }, odd);
      }
    const promised = all.reduce((sum, [, definition]) => sum + mostSeries(definition), 0);
    const page = await metrics.text();
    expect(promised).toBeLessThanOrEqual(seriesBound);
    expect(samplesOf(page).length).toBeLessThanOrEqual(promised);
    expect(page).not.toMatch(/1555|call-/);
  });

  it('begin at 0, so that the first event is seen as a rise', async () => {
    const page = await open().text();
    const failed = { direction: 'in', outcome: 'line_lost' };
    expect(sampleOf(page, 'voicechart_calls_total', failed)).toBe(0);
    expect(sampleOf(page, 'voicechart_barge_in_seconds_count', { stage: 'silent' })).toBe(0);
  });

  it('leave out what is no number, and a counter never goes down', async () => {
    const metrics = open();
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY])
      metrics.observe('voicechart_turn_stage_seconds', stage, value);
    expect(sampleOf(await metrics.text(), 'voicechart_turn_stage_seconds_count', stage)).toBe(0);
    metrics.add('voicechart_talk_over_seconds_total', {}, 2);
    metrics.add('voicechart_talk_over_seconds_total', {}, -5);
    expect(sampleOf(await metrics.text(), 'voicechart_talk_over_seconds_total')).toBe(2);
  });

  it('ask before they are read, and are read whatever becomes of that', async () => {
    const errors: unknown[] = [];
    const metrics = open((error) => errors.push(error));
    let asked = 0;
    metrics.beforeReading(() => {
      throw new Error('deaf');
    });
    const stop = metrics.beforeReading(() => (asked += 1));
    await metrics.text();
    stop();
    await metrics.text();
    expect([asked, errors.length]).toEqual([1, 2]);
  });
});
