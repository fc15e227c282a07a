import type { AlertMachine } from '../../../src/machines/alert/alert.machine.ts';
import type { AlertInput } from '../../../src/machines/alert/context.ts';
import { createAlerting } from '../../../src/runtime/alerting.ts';
import type { Host } from '../walk-life.ts';
import { silent } from './shared.ts';

/** Alerting under its host: something is wrong, again and again. */
export const alertingHost =
  (input: AlertInput): Host =>
  (machine, clock, self) => {
    const alerting = createAlerting({
      machineOf: () => machine as unknown as AlertMachine,
      ...input,
      measure: silent,
      instance: 'walk',
      clock,
      log: { error: silent, warn: silent, info: silent, debug: silent },
    });
    return {
      send(event) {
        if (event.type !== 'alert.due') return self().send(event);
        return alerting.raise({ kind: 'cpu', target: 'instance', severity: 'info', summary: 'busy' });
      },
      async end() {
        await alerting.close();
        return [];
      },
    };
  };
