import { Hono } from 'hono';
import type { Clock } from '../clock.ts';
import type { HealthView } from '../runtime/health/view.ts';
import type { MetricsPage } from '../runtime/metrics/metrics.ts';
import { healthJson } from './health-json.ts';
import { notFound, unavailable } from './problem.ts';

/** Resolves to nothing when well, or to one line for a person; rejecting counts as not well. */
export type HealthCheck = () => Promise<string | undefined> | string | undefined;

interface HealthOptions {
  readonly checks: Readonly<Record<string, HealthCheck>>;
  readonly clock: Clock;
  /** What this instance depends on. Left out: it is not looked at. */
  readonly health?: () => HealthView;
  /** Whether LiveKit told here, lately, that this room began. */
  readonly saw?: (room: string) => boolean;
  /** What Prometheus reads. */
  readonly metrics?: MetricsPage;
}

const checkWithinMs = 1_000;

/**
 * `/livez`: the process turns, whatever it depends on. `/readyz`: it may be sent calls; says which check fails when not. `/health`: all
 * that it depends on, for people and dashboards: 503 when calls cannot be taken, which a restart would not change.
 * `/webhooks/{room}`: whether the webhooks of a room arrive here, for whoever has just made that room (`voicechart doctor`). `/metrics`: for Prometheus.
 */
export function healthRoutes({ checks, clock, health, saw = () => false, metrics }: HealthOptions): Hono {
  const app = new Hono();
  app.get('/livez', (context) => context.json({ alive: true }));
  app.get('/readyz', async (context) => {
    const named = Object.entries(checks).map(async ([name, check]) => [name, await run(check, clock)] as const);
    const results = await Promise.all(named);
    const ready = results.every(([, trouble]) => trouble === 'ok');
    return context.json({ ready, checks: Object.fromEntries(results) }, ready ? 200 : 503);
  });
  if (health)
    app.get('/health', (context) => {
      const view = health();
      const headers = { 'content-type': 'application/health+json', 'cache-control': 'no-store' };
      return context.body(JSON.stringify(healthJson(view)), view.status === 'fail' ? 503 : 200, headers);
    });
  app.get('/webhooks/:room', (context) => context.json({ arrived: saw(context.req.param('room')) }));
  if (metrics)
    app.get('/metrics', async (context) =>
      context.body(await metrics.text(), 200, { 'content-type': metrics.contentType }),
    );
  app.notFound(notFound);
  app.onError(unavailable);
  return app;
}

async function run(check: HealthCheck, clock: Clock): Promise<string> {
  const late = Promise.withResolvers<string>();
  const timer = clock.setTimeout(() => late.resolve(`no answer within ${checkWithinMs} ms`), checkWithinMs);
  try {
    return (await Promise.race([check(), late.promise])) ?? 'ok';
  } catch {
    return 'failed';
  } finally {
    clock.clearTimeout(timer);
  }
}
