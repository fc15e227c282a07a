import { expect, test } from 'vitest';
import { healthRoutes } from '../../src/http/health.ts';
import type { HealthView, TargetView } from '../../src/runtime/health/view.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const clock = createVirtualClock();

test('R7.5 /livez says that the process turns', async () => {
  expect((await healthRoutes({ checks: {}, clock }).request('/livez')).status).toBe(200);
});

test('R7.5 /readyz says ready, or which check is not well', async () => {
  let trouble: string | undefined;
  const door = healthRoutes({ checks: { store: () => trouble, livekit: async () => undefined }, clock });
  const well = await door.request('/readyz');
  expect([well.status, await well.json()]).toEqual([200, { ready: true, checks: { store: 'ok', livekit: 'ok' } }]);
  trouble = 'the database is closed';
  const unwell = await door.request('/readyz');
  expect([unwell.status, await unwell.json()]).toEqual([
    503,
    { ready: false, checks: { store: trouble, livekit: 'ok' } },
  ]);
});

test('a check that fails says so and no more; one that hangs is not waited for', async () => {
  const checks = { broken: () => Promise.reject(new Error('canary')), hung: () => new Promise<undefined>(() => {}) };
  const pending = healthRoutes({ checks, clock }).request('/readyz');
  await expect.poll(() => clock.pending()).toBeGreaterThan(0);
  await clock.advance(1_000);
  const response = await pending;
  expect([response.status, await response.json()]).toEqual([
    503,
    { ready: false, checks: { broken: 'failed', hung: 'no answer within 1000 ms' } },
  ]);
  expect(clock.pending()).toBe(0);
});

test('R7.3 /metrics is what Prometheus reads', async () => {
  const metrics = { contentType: 'text/plain; version=0.0.4', text: async () => 'calls 1\n' };
  const response = await healthRoutes({ checks: {}, clock, metrics }).request('/metrics');
  expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
    200,
    metrics.contentType,
    'calls 1\n',
  ]);
});

const seenAt = 1_800_000_000_000;
const target = (target: TargetView['target'], status: TargetView['status'], reasons: string[] = []): TargetView => ({
  target,
  status,
  since: seenAt,
  reasons,
  limitMs: 100,
  lastLook: { at: seenAt + 500, tookMs: 12 },
  windows: [{ minutes: 1, seen: 4, failed: 1, successRate: 0.75, errorRate: 0.25, meanMs: 11, worstMs: 20 }],
});

test('R7.5 /health tells of all that it depends on as application/health+json: 503 when calls cannot be taken, never for the rest', async () => {
  let view: HealthView = {
    status: 'warn',
    at: seenAt,
    targets: [target('livekit-room', 'healthy'), target('cartesia', 'unhealthy', ['ECONNREFUSED', 'in calls: late'])],
  };
  const door = healthRoutes({ checks: {}, clock, health: () => view });
  const warned = await door.request('/health');
  expect([warned.status, warned.headers.get('content-type')]).toEqual([200, 'application/health+json']);
  expect(await warned.json()).toMatchObject({
    status: 'warn',
    checks: {
      'livekit-room': [{ status: 'pass', observedValue: 12, observedUnit: 'ms', time: '2027-01-15T08:00:00.500Z' }],
      cartesia: [{ status: 'fail', standing: 'unhealthy', output: 'ECONNREFUSED; in calls: late', limitMs: 100 }],
    },
  });
  view = { ...view, status: 'fail' };
  expect((await door.request('/health')).status).toBe(503);
  expect((await door.request('/readyz')).status).toBe(200);
});

test('R7.5 what is not there by design passes; what was not looked at yet warns', async () => {
  const absent: TargetView = { ...target('livekit-sip', 'unknown', ['this LiveKit does not offer it']), absent: true };
  const view: HealthView = { status: 'warn', at: seenAt, targets: [absent, target('redis', 'unknown')] };
  const told = await (await healthRoutes({ checks: {}, clock, health: () => view }).request('/health')).json();
  expect(told).toMatchObject({ checks: { 'livekit-sip': [{ status: 'pass' }], redis: [{ status: 'warn' }] } });
});

test('where nothing is looked at there is no /health', async () => {
  expect((await healthRoutes({ checks: {}, clock }).request('/health')).status).toBe(404);
});
