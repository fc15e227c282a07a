import { assign, setup } from 'xstate';
import { unwired } from '../../actors/leaf.ts';
import { delaysMs } from '../deadlines.ts';
import type { AlertContext, AlertInput } from './context.ts';
import type { AlertEvent } from './events.ts';

type Nothing = { type: 'none' };

/** The actors of alerting. Every key must be given to `createAlerting`. */
export const alertActors = {
  sendAlerts: unwired<Nothing, undefined>('sendAlerts'),
  beatHeart: unwired<Nothing, undefined>('beatHeart'),
  measureLimits: unwired<Nothing, undefined>('measureLimits'),
};

interface Args {
  readonly context: AlertContext;
}

const firstRetryMs = 1000;
const longestRetryMs = 60_000;

/** A receiver that says when is asked then; one that takes it for no use is asked seldom. */
function retryMs({ context: { failures, failure, jitter } }: Args): number {
  if (failure?.retryAfterMs !== undefined) return Math.min(failure.retryAfterMs, delaysMs.alertRetry);
  if (failure?.retryable === false) return delaysMs.alertRetry;
  const backoffMs = Math.min(longestRetryMs, firstRetryMs * 2 ** Math.max(0, failures - 1));
  return backoffMs * (0.5 + jitter / 2);
}

export const alertChart = setup({
  types: { context: {} as AlertContext, events: {} as AlertEvent, input: {} as AlertInput },
  actors: alertActors,
  delays: {
    ...delaysMs,
    alertRetry: retryMs,
    alertHeartbeat: ({ context }: Args) => context.heartbeatMs ?? delaysMs.alertHeartbeat,
  },
  guards: { beats: ({ context }: Args) => context.heartbeatMs !== undefined },
  actions: {
    noteFailure: assign(({ context, event }) => ({
      failures: context.failures + 1,
      ...(event.type === 'alert.undelivered' ? { failure: event.failure, jitter: event.jitter } : {}),
    })),
    forgetFailures: assign({ failures: 0, failure: undefined }),
  },
});
