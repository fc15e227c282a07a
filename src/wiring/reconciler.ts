import { clearRooms, compareRooms, repairCalls } from '../actors/reconcile.ts';
import { createReconciler } from '../machines/reconciler/reconciler.machine.ts';
import type { Alone } from '../runtime/alone.ts';
import type { CallQueue } from '../runtime/call-queue.ts';
import type { CallStore } from '../runtime/call-store.ts';
import type { Intake } from '../runtime/intake.ts';
import { type Reconciler, startReconciler } from '../runtime/reconciler.ts';
import { createReconciliation } from '../runtime/reconciler-work.ts';
import type { RoomCensus } from '../runtime/room-census.ts';
import type { Care } from './care.ts';
import { createHosts } from './hosts.ts';
import type { InstanceOptions } from './instance.ts';

interface ReconcilerParts {
  readonly store: CallStore;
  readonly queue: Pick<CallQueue, 'enqueue'>;
  readonly intake: Intake;
  readonly alone: Alone;
  readonly census: RoomCensus;
  readonly care: Pick<Care, 'metrics' | 'alerts' | 'posture'>;
}

/** Holds LiveKit's rooms against our calls from now on; nothing where there is no server. */
export function openReconciler(
  { lines, config, clock, log }: InstanceOptions,
  { care, ...parts }: ReconcilerParts,
): Reconciler {
  if (!lines.control) return { close: () => undefined };
  const hosts = createHosts(config, care.posture);
  const reconciliation = createReconciliation({
    ...parts,
    rooms: lines.control.rooms,
    roomPrefix: config.roomPrefix,
    isAskedHere: (host) => hosts.of(host) === hosts.now(),
    hostNow: hosts.now,
    clock,
    looked: (answered) => care.metrics.add('voicechart_reconcile_looks_total', { result: answered ? 'ok' : 'failed' }),
    repaired(kind, about) {
      care.metrics.add('voicechart_reconcile_repairs_total', { kind });
      log.warn({ code: 'reconcile.repaired', kind, about }, 'what LiveKit had not told was found in its lists');
    },
  });
  const machine = createReconciler({
    compareRooms: compareRooms(reconciliation, clock),
    repairCalls: repairCalls(reconciliation, clock),
    clearRooms: clearRooms(reconciliation, clock),
  });
  return startReconciler({ machine, clock, alerts: care.alerts, log });
}
