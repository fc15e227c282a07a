import { describe, expect, it } from 'vitest';
import { calmPosture } from '../../../src/posture.ts';
import { watchProcess } from '../../../src/adapters/process/watch.ts';
import type { AlertNews } from '../../../src/runtime/alerting.ts';
import { createHub } from '../../../src/runtime/hub.ts';
import { followAlerts, showPosture } from '../../../src/runtime/metrics/care.ts';
import { countedTokens } from '../../../src/runtime/metrics/counted-tokens.ts';
import { showLoad } from '../../../src/runtime/metrics/load.ts';
import { readProcess } from '../../../src/runtime/metrics/process.ts';
import type { HostedTokenDesk } from '../../../src/runtime/token-desk.ts';
import { openFigures } from '../../support/metrics-fold.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const pass = (ms: number) => new Promise((resolve) => void setTimeout(resolve, ms));
const refusal = { fault: 'expiration', code: 'expired', message: 'too old' } as const;

describe('an instance’s own figures', () => {
  it('R7.3 calls that run and wait, and how long the first of those waits', async () => {
    const { metrics, figure } = openFigures();
    const clock = createVirtualClock(10_000);
    let size: { waiting: number; running: number; oldestAt?: number } = { waiting: 3, running: 2, oldestAt: 7_500 };
    showLoad(metrics, { queue: { size: () => size }, capacity: 20, clock });
    const names = ['call_capacity', 'calls_active', 'calls_waiting', 'calls_waiting_oldest_seconds'];
    const shown = () => Promise.all(names.map((name) => figure(`voicechart_${name}`)));
    expect(await shown()).toEqual([20, 2, 3, 2.5]);
    size = { waiting: 0, running: 5 };
    expect(await shown()).toEqual([20, 5, 0, 0]);
  });

  it('R7.3 what was asked of tokens, and how that went', async () => {
    const { metrics, figure } = openFigures();
    const desk = {
      issue: async () => 'full',
      check: async () => refusal,
      revoke: () => Promise.reject(new Error('no register')),
    } as unknown as HostedTokenDesk;
    const tokens = countedTokens(desk, metrics);
    expect(await tokens.issue({} as never)).toBe('full');
    expect(await tokens.check('', {} as never)).toBe(refusal);
    await expect(tokens.revoke('x')).rejects.toThrow('no register');
    const made = (operation: string, result: string) => figure('voicechart_tokens_total', { operation, result });
    expect([await made('issue', 'refused'), await made('check', 'refused'), await made('revoke', 'failed')]).toEqual([
      1, 1, 1,
    ]);
  });

  it('the mode of the posture', async () => {
    const { metrics, figure } = openFigures();
    showPosture(metrics, calmPosture);
    showPosture(metrics, { ...calmPosture, mode: 'failsafe' });
    const mode = (mode: string) => figure('voicechart_posture', { mode });
    expect([await mode('normal'), await mode('degraded'), await mode('failsafe')]).toEqual([0, 0, 1]);
  });

  it('D5.4 what happens to alerts, and how many are open', async () => {
    const { metrics, figure } = openFigures();
    const news = createHub<AlertNews>(() => {});
    const open = [{ severity: 'critical' }, { severity: 'critical' }] as never;
    followAlerts(metrics, { news, open: () => open });
    news.tell({ kind: 'memory', severity: 'critical', change: 'raised' });
    expect(await figure('voicechart_alerts_total', { kind: 'memory', change: 'raised' })).toBe(1);
    expect(await figure('voicechart_alerts_open', { severity: 'critical' })).toBe(2);
    expect(await figure('voicechart_alerts_open', { severity: 'warning' })).toBe(0);
  });

  it('D9.3 R7.3 processor, memory and event-loop lag of this process', async () => {
    const { metrics, figure } = openFigures();
    const usage = watchProcess();
    metrics.beforeReading(readProcess(metrics, usage.read));
    const before = (await figure('process_cpu_seconds_total'))!;
    // The watch measures between two of its own timers.
    await pass(50);
    for (const until = performance.now() + 150; performance.now() < until;);
    await pass(50);
    const lag = (await figure('voicechart_event_loop_lag_seconds', { quantile: 'max' }))!;
    const after = (await figure('process_cpu_seconds_total'))!;
    usage.close();
    expect(after).toBeGreaterThan(before);
    expect(lag).toBeGreaterThan(0.1);
    const [free, limit] = [
      (await figure('voicechart_memory_available_bytes'))!,
      (await figure('voicechart_memory_limit_bytes'))!,
    ];
    expect(free).toBeGreaterThan(0);
    expect(free).toBeLessThanOrEqual(limit);
    expect(await figure('process_resident_memory_bytes')).toBeLessThan(limit);
  });
});
