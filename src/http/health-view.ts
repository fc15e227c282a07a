import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { followHealth, type HealthEntry } from '../runtime/health/follow.ts';
import type { HealthView } from '../runtime/health/view.ts';
import type { HealthWatch } from '../runtime/health/watch.ts';
import { targets } from '../targets.ts';
import { createStreams } from './event-stream.ts';
import { unavailableNow } from './problem.ts';
import { route, type Route } from './route.ts';

const ms = z.number().meta({ description: 'ms since 1970' });
const rate = z.number().min(0).max(1).optional();
const failure = z.looseObject({ vendor: z.string(), class: z.string(), message: z.string() });

const windowView = z.object({
  minutes: z.number(),
  seen: z.int(),
  failed: z.int(),
  successRate: rate,
  errorRate: rate,
  meanMs: z.number().optional(),
  worstMs: z.number().optional(),
});

const targetView = z.object({
  target: z.enum(targets),
  status: z.enum(['unknown', 'healthy', 'degraded', 'unhealthy']),
  since: ms,
  reasons: z.array(z.string()).readonly(),
  limitMs: z.number().meta({ description: 'How soon a look is to be answered' }),
  lastLook: z.object({ at: ms, tookMs: z.number() }).optional(),
  failure: failure.optional(),
  absent: z.literal(true).optional().meta({ description: 'It is not there by design' }),
  windows: z.array(windowView).readonly(),
});

const fields = {
  status: z.enum(['pass', 'warn', 'fail']).meta({ description: 'fail: calls cannot be taken' }),
  at: ms,
  targets: z.array(targetView).readonly(),
};
const view: z.ZodType<HealthView> = z.object(fields) as never;
const entry: z.ZodType<HealthEntry> = z.object({ seq: z.int(), ...fields }) as never;

/** Watching takes a connection each. */
const mostStreams = 50;

interface HealthViewRoutesOptions {
  readonly health: Pick<HealthWatch, 'view' | 'watch'>;
  readonly clock: Clock;
}

/** What this instance depends on, as it sees it. */
export function healthViewRoutes({ health, clock }: HealthViewRoutesOptions): readonly Route[] {
  const streams = createStreams({ most: mostStreams, clock });
  const entries = (signal: AbortSignal) => followHealth(health, { clock, signal });
  const tag = 'Health';
  return [
    route(
      {
        method: 'get',
        path: '/v1/health',
        role: 'viewer',
        tag,
        about: 'Everything that this instance depends on: status, latency and rates, with reasons',
        answers: { 200: { about: 'As it is now', body: view } },
      },
      () => ({ status: 200, body: health.view() }),
    ),
    route(
      {
        method: 'get',
        path: '/v1/health/events',
        role: 'viewer',
        tag,
        about: 'The same, as it changes',
        answers: { 200: { about: 'The view of now, then again after each change', stream: entry } },
        problems: [unavailableNow],
      },
      ({ request, stillAllowed }) => streams.open({ request, entries, stillAllowed }) ?? unavailableNow,
    ),
  ];
}
