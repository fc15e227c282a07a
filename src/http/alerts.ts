import { z } from 'zod';
import type { Incident } from '../runtime/alert-book.ts';
import { alertKinds, severities } from '../runtime/alerts.ts';
import type { Alerting } from '../runtime/alerting.ts';
import { nextOf, pageQuery } from './pages.ts';
import type { Problem } from './problem.ts';
import { route, type Route } from './route.ts';

const alert = z.object({
  id: z.string(),
  position: z.int(),
  kind: z.enum(alertKinds),
  target: z.string(),
  severity: z.enum(severities),
  summary: z.string(),
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  state: z.enum(['open', 'resolved']),
  count: z.int().meta({ description: 'How often it was raised' }),
  openedAt: z.number(),
  lastAt: z.number(),
  resolvedAt: z.number().optional(),
  toldAt: z.number().optional().meta({ description: 'When the receiver, if there is one, last took it' }),
});

const unset = {
  status: 409,
  code: 'alerts_unset',
  title: 'There is nobody to tell',
  fix: 'Set ALERT_WEBHOOK_URL and ALERT_WEBHOOK_SECRETS, and start the instance again',
} as const satisfies Problem;

const undelivered = {
  status: 502,
  code: 'alert_undelivered',
  title: 'The receiver did not take it',
  fix: 'Look at ALERT_WEBHOOK_URL and at the receiver',
  retryable: true,
} as const satisfies Problem;

/** Alerts of this instance: those that are open, and the last ones that were. */
export function alertRoutes({ alerts }: { readonly alerts: Pick<Alerting, 'list' | 'test'> }): readonly Route[] {
  const tag = 'Alerts';
  return [
    route(
      {
        method: 'get',
        path: '/v1/alerts',
        role: 'viewer',
        tag,
        about: 'What is wrong, and what was lately; newest first',
        query: pageQuery(200).extend({ state: z.enum(['open', 'resolved'], 'must be open or resolved').optional() }),
        answers: { 200: { about: 'Alerts', body: z.object({ alerts: z.array(alert), next: z.int().optional() }) } },
      },
      ({ query }) => {
        const page = alerts.list(query);
        return {
          status: 200,
          body: { alerts: page.map(shown), ...nextOf(page, query.limit, (each) => each.position) },
        };
      },
    ),
    route(
      {
        method: 'post',
        path: '/v1/alerts/test',
        role: 'operator',
        tag,
        about: 'Sends a test alert to the receiver, and tells what it said',
        answers: { 200: { about: 'The receiver took it', body: z.object({ delivered: z.literal(true) }) } },
        problems: [unset, undelivered],
      },
      async () => {
        const test = await alerts.test();
        if (test.is === 'unset') return unset;
        return test.is === 'delivered'
          ? { status: 200, body: { delivered: true } }
          : { ...undelivered, title: `It could not be delivered: ${test.failure.message}` };
      },
    ),
  ];
}

const shown = ({ told, ...incident }: Incident) => ({
  ...incident,
  ...(told === undefined ? {} : { toldAt: told.at }),
});
