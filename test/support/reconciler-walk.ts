import type { AnyMachineSnapshot } from 'xstate';
import { blankMemory, type Comparison } from '../../src/actors/reconcile.ts';
import type { ReconcilerContext } from '../../src/machines/reconciler/setup.ts';
import type { Event } from './tour.ts';

const nothing: Comparison = { memory: blankMemory, repairs: [], idle: [], vanished: false };
const compared = (found: Partial<Comparison>) => ({ type: 'rooms.compared', comparison: { ...nothing, ...found } });

/** Whatever a look may find, and what becomes of what was begun for it. */
export const reconcilerEvents = (): Event[] =>
  [
    compared({}),
    compared({ repairs: [{ kind: 'unserved', callKey: 'r~1' }], memory: { ...blankMemory, unserved: { 'r~1': 2 } } }),
    compared({ idle: ['r'] }),
    compared({
      vanished: true,
      memory: { ...blankMemory, absent: { 'r~1': { since: 0, wasThere: true, told: false } } },
    }),
    { type: 'rooms.unseen' },
    { type: 'rooms.repaired', undone: [] },
    { type: 'rooms.repaired', undone: [{ kind: 'unserved', callKey: 'r~1' }] },
    { type: 'rooms.cleared' },
  ].map((event) => ({ at: 0, ...event }));

export function reconcilerFacts(state: AnyMachineSnapshot): unknown {
  const { memory, repairs, idle } = state.context as ReconcilerContext;
  return [
    Object.keys(memory.absent),
    memory.troubledAt !== undefined,
    Object.entries(memory.unserved),
    repairs.length,
    idle,
  ];
}
