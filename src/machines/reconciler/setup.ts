import { assign, setup } from 'xstate';
import { unwired } from '../../actors/leaf.ts';
import { blankMemory, type ReconcileFact, type Repair, type SweepMemory } from '../../actors/reconcile.ts';
import { delaysMs } from '../deadlines.ts';
import { dueAgain } from './due-again.ts';

type Nothing = { type: 'none' };

/** The actors of the reconciler. Every key must be given to `createReconciler`. */
export const reconcilerActors = {
  compareRooms: unwired<Nothing, { readonly memory: SweepMemory }>('compareRooms'),
  repairCalls: unwired<Nothing, { readonly repairs: readonly Repair[] }>('repairCalls'),
  clearRooms: unwired<Nothing, { readonly rooms: readonly string[] }>('clearRooms'),
};

export interface ReconcilerContext {
  readonly memory: SweepMemory;
  readonly repairs: readonly Repair[];
  readonly idle: readonly string[];
}

export const reconcilerChart = setup({
  types: { context: {} as ReconcilerContext, events: {} as ReconcileFact },
  actors: reconcilerActors,
  delays: delaysMs,
  guards: {
    hasVanished: ({ event }) => event.type === 'rooms.compared' && event.comparison.vanished,
    hasIdle: ({ event }) => event.type === 'rooms.compared' && event.comparison.idle.length > 0,
    hasRepairs: ({ event }) => event.type === 'rooms.compared' && event.comparison.repairs.length > 0,
  },
  actions: {
    noteComparison: assign(({ event }) =>
      event.type === 'rooms.compared' ? { memory: event.comparison.memory, repairs: event.comparison.repairs } : {},
    ),
    /** Who was not heard of in time may have done nothing. */
    noteUndone: assign(({ context: { memory, repairs }, event }) => ({
      memory: dueAgain(memory, event.type === 'rooms.repaired' ? event.undone : repairs),
    })),
    noteIdle: assign(({ event }) => (event.type === 'rooms.compared' ? { idle: event.comparison.idle } : {})),
    /** An error is no empty list: who was missing before it counts as missing no more. */
    noteTrouble: assign(({ context, event }) => ({
      repairs: [],
      memory: { ...context.memory, absent: {}, ...('at' in event ? { troubledAt: event.at } : {}) },
    })),
  },
});

export const freshReconciler: ReconcilerContext = { memory: blankMemory, repairs: [], idle: [] };
