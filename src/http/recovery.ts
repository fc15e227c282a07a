import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { limitableOperations, measureKinds } from '../posture.ts';
import type { Recovery } from '../runtime/recovery.ts';
import type { RecoveryView } from '../runtime/recovery-view.ts';
import { targets } from '../targets.ts';
import { createStreams } from './event-stream.ts';
import { type Problem, unavailableNow } from './problem.ts';
import { route, type Route } from './route.ts';

const ms = z.number().meta({ description: 'ms since 1970' });
const target = z.enum(targets);
const failure = z.looseObject({ vendor: z.string(), class: z.string(), message: z.string() });
const trouble = z.object({ target, failure: failure.optional(), since: ms });

const posture = z.object({
  version: z.int(),
  since: ms,
  mode: z.enum(['normal', 'degraded', 'failsafe']),
  livekitHost: z.enum(['primary', 'fallback']),
  sipSet: z.enum(['primary', 'backup']),
  avoid: z.array(target).readonly(),
  limited: z.array(z.enum(limitableOperations)).readonly(),
  measures: z
    .array(z.object({ kind: z.enum(measureKinds), target, isOver: z.boolean() }))
    .readonly()
    .meta({ description: 'What it follows from, and for the sake of which target' }),
});

const waitsFor = z.object({
  work: z.array(z.string()).readonly().meta({ description: 'Work that runs' }),
  delays: z
    .array(z.object({ name: z.string(), dueAt: ms }))
    .readonly()
    .meta({ description: 'Delays that pass' }),
  acknowledgement: z.array(target).readonly().meta({ description: 'Targets to be mended by hand' }),
  health: z.array(target).readonly().meta({ description: 'Targets that must be well before the posture goes back' }),
});

const view: z.ZodType<RecoveryView> = z.object({
  seq: z.int(),
  value: z.unknown().meta({ description: 'State value of the chart' }),
  active: z.array(z.string()).readonly().meta({ description: 'Ids of its active states, as in GET /v1/chart' }),
  posture: posture.meta({ description: 'Of all instances' }),
  leads: z.boolean().meta({ description: 'Whether this instance writes the posture' }),
  trouble: trouble.optional().meta({ description: 'What it is busy with' }),
  attempts: z.int(),
  queue: z.array(trouble).readonly().meta({ description: 'What happened meanwhile' }),
  incidents: z.array(trouble.extend({ critical: z.boolean() })).readonly(),
  elsewhere: z.array(target).readonly().meta({ description: 'Targets to be mended by hand at other instances' }),
  statuses: z.looseObject({}),
  waitsFor,
  journal: z
    .array(z.object({ at: ms, box: z.string(), target, did: z.string().optional(), failure: failure.optional() }))
    .readonly()
    .meta({ description: 'What was done or tried last, the newest last' }),
}) as never;

const nothingOpen = {
  status: 409,
  code: 'recovery_nothing_open',
  title: 'Nothing waits to be mended by hand',
  fix: 'GET /v1/recovery shows incidents',
} as const satisfies Problem;

const busy = {
  status: 409,
  code: 'recovery_busy',
  title: 'Recovery is mending something else just now',
  fix: 'Ask again in a few seconds',
  retryable: true,
} as const satisfies Problem;

const refusals = { busy, 'nothing open': nothingOpen, unshared: unavailableNow } as const;

/** Watching takes a connection each. */
const mostStreams = 50;

interface RecoveryRoutesOptions {
  readonly recovery: Pick<Recovery, 'view' | 'views' | 'acknowledge'>;
  readonly clock: Clock;
}

/** Recovery of this instance, and the posture of all. */
export function recoveryRoutes({ recovery, clock }: RecoveryRoutesOptions): readonly Route[] {
  const streams = createStreams({ most: mostStreams, clock });
  const tag = 'Recovery';
  return [
    route(
      {
        method: 'get',
        path: '/v1/recovery',
        role: 'viewer',
        tag,
        about: 'What recovery is doing, what it waits for, what is open, and the posture of all instances',
        answers: { 200: { about: 'As it is now', body: view } },
      },
      () => ({ status: 200, body: recovery.view() }),
    ),
    route(
      {
        method: 'get',
        path: '/v1/recovery/events',
        role: 'viewer',
        tag,
        about: 'The same, as it changes',
        answers: { 200: { about: 'As it is now, then again after each change', stream: view } },
        problems: [unavailableNow],
      },
      ({ request, stillAllowed }) => streams.open({ request, entries: recovery.views, stillAllowed }) ?? unavailableNow,
    ),
    route(
      {
        method: 'post',
        path: '/v1/recovery/acknowledge',
        role: 'admin',
        tag,
        about:
          'Says that what was to be mended by hand is mended: the instances that wait look at it, and what is well is an incident no more',
        body: z.strictObject({}),
        fix: 'Send {}',
        answers: {
          202: { about: 'It is being looked at', body: z.object({ looksAt: z.array(target).readonly() }) },
        },
        problems: [nothingOpen, busy, unavailableNow],
      },
      async () => {
        const answer = await recovery.acknowledge();
        return typeof answer === 'string' ? refusals[answer] : { status: 202, body: answer };
      },
    ),
  ];
}
