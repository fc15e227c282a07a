import { createActor } from 'xstate';
import type { Clock } from '../clock.ts';
import type { ReconcilerMachine } from '../machines/reconciler/reconciler.machine.ts';
import type { Alerts } from './alerts.ts';
import type { Logger } from './log.ts';

interface ReconcilerOptions {
  readonly machine: ReconcilerMachine;
  readonly clock: Clock;
  readonly alerts: Alerts;
  readonly log: Pick<Logger, 'error'>;
}

export interface Reconciler {
  /** What was begun is not waited for. Idempotent. */
  close(): void;
}

const vanished = { kind: 'calls_vanished', target: 'instance' } as const;

/** Hosts the machine that holds LiveKit's rooms against our calls, from now on. */
export function startReconciler({ machine, clock, alerts, log }: ReconcilerOptions): Reconciler {
  const actor = createActor(machine, { clock });
  let doubted = false;
  actor.subscribe({
    next(state) {
      if (state.matches({ lists: 'doubted' }) === doubted) return;
      doubted = !doubted;
      if (doubted)
        alerts.raise({
          ...vanished,
          severity: 'critical',
          summary: 'Many calls lost their callers at once by LiveKit’s lists: the lists are not believed',
        });
      else alerts.resolve(vanished);
    },
    error: (error) =>
      log.error(
        { code: 'reconciler.stopped', error: String(error) },
        'LiveKit’s rooms are held against our calls no more',
      ),
  });
  actor.start();
  return { close: () => void actor.stop() };
}
