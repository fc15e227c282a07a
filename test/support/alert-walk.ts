import type { AnyMachineSnapshot } from 'xstate';
import type { AlertContext } from '../../src/machines/alert/context.ts';
import type { Event } from './tour.ts';

const failure = { vendor: 'test', phase: 'rest', class: 'api', retryable: true, message: 'broken' };

/** Whatever may befall alerting. Failures are counted for the pause alone, which no guard reads. */
export const alertEvents = (_state: AnyMachineSnapshot): Event[] =>
  [
    { type: 'alert.due' },
    { type: 'alert.none' },
    { type: 'alert.delivered' },
    { type: 'alert.undelivered', failure, jitter: 0.5 },
    { type: 'alert.beat' },
    { type: 'alert.measured' },
  ].map((event) => ({ at: 0, ...event }));

/** What guards of alerting read. */
export const alertFacts = (state: AnyMachineSnapshot): unknown => (state.context as AlertContext).heartbeatMs;
