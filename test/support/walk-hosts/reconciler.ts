import type { ReconcilerMachine } from '../../../src/machines/reconciler/reconciler.machine.ts';
import { startReconciler } from '../../../src/runtime/reconciler.ts';
import type { Host } from '../walk-life.ts';
import { silent, stateOf } from './shared.ts';

/** The reconciler under its host: an alert is open for as long as the lists are doubted. */
export const reconcilerHost: Host = (machine, clock, self) => {
  const open = new Set<string>();
  const reconciler = startReconciler({
    machine: machine as unknown as ReconcilerMachine,
    clock,
    alerts: { raise: ({ kind }) => void open.add(kind), resolve: ({ kind }) => void open.delete(kind) },
    log: { error: silent },
  });
  return {
    send: (event) => self().send(event),
    async end() {
      const doubted = stateOf(self()).matches({ lists: 'doubted' });
      reconciler.close();
      return doubted === open.has('calls_vanished') ? [] : ['the alert does not say whether the lists are doubted'];
    },
  };
};
