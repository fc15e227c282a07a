import { expect, test } from 'vitest';
import { healthRoutes } from '../../src/http/health.ts';
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
