import { expect, test } from 'vitest';
import { healthViewRoutes } from '../../src/http/health-view.ts';
import { seen, unknownHealth } from '../../src/runtime/health/target-health.ts';
import { type HealthView, healthView } from '../../src/runtime/health/view.ts';
import { doorOf } from '../support/door.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const at = 1_800_000_000_000;
const headers = { host: 'localhost' };
const sighting = { target: 'redis', by: 'probe', at, tookMs: 4, operation: 'PING' } as const;

/** The door over a view that changes when it is told to. */
function opened() {
  const clock = createVirtualClock(at);
  let changed: (() => void) | undefined;
  let view: HealthView = healthView([seen(unknownHealth('redis', at), sighting)], at);
  const health = { view: () => view, watch: (told: () => void) => ((changed = told), () => {}) };
  const change = (next: HealthView['status']) => {
    view = { ...view, status: next };
    changed?.();
  };
  return { clock, change, door: doorOf(healthViewRoutes({ health, clock })), view: () => view };
}

test('R7.5 GET /v1/health tells viewers of each target what /health tells inside', async () => {
  const { door, view } = opened();
  const response = await door.request('/v1/health', { headers });
  expect([response.status, await response.json()]).toEqual([200, JSON.parse(JSON.stringify(view()))]);
  expect(healthViewRoutes({ health: { view, watch: () => () => {} }, clock: createVirtualClock() })).toMatchObject([
    { shape: { role: 'viewer' } },
    { shape: { role: 'viewer' } },
  ]);
});

test('R7.5 its stream begins with how it is now and goes on with each change', async () => {
  const { door, clock, change } = opened();
  const { body } = await door.request('/v1/health/events', { headers });
  const reader = body!.getReader();
  const next = async () => new TextDecoder().decode((await reader.read()).value);
  expect(await next()).toBe('retry: 1000\n\n');
  expect(await next()).toMatch(/^id: 1\ndata: \{"status":"pass"/);
  change('fail');
  const coming = next();
  await clock.advance(1_000);
  expect(await coming).toMatch(/^id: 2\ndata: \{"status":"fail"/);
  await reader.cancel();
});
