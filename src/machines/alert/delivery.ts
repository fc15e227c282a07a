import { at } from '../deadlines.ts';
import { alertChart } from './setup.ts';

const failed = { target: 'waiting', actions: 'noteFailure' } as const;

/** One message at a time, of all that is due at its moment: however long the receiver is dead, no more than that waits. */
export const delivery = alertChart.createStateConfig({
  initial: 'idle',
  states: {
    /** What was held back becomes due by itself. */
    idle: { on: { 'alert.due': 'gathering' }, after: { [at.alertLook]: 'sending' } },
    /** What comes together is told together. */
    gathering: { after: { [at.alertGathers]: 'sending' } },
    sending: {
      invoke: { id: 'send', src: 'sendAlerts', onError: failed },
      on: {
        'alert.none': 'idle',
        'alert.delivered': { target: 'gathering', actions: 'forgetFailures' },
        'alert.undelivered': failed,
      },
      after: { [at.alertSends]: failed },
    },
    waiting: { after: { [at.alertRetry]: 'sending' } },
  },
});
