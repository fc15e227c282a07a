import { at } from '../deadlines.ts';
import { freshReconciler, reconcilerChart, type reconcilerActors } from './setup.ts';

const undone = { target: 'resting', actions: 'noteUndone' } as const;

const unseen = { target: 'resting', actions: 'noteTrouble' } as const;

const reconcilerMachine = reconcilerChart.createMachine({
  id: 'reconciler',
  context: freshReconciler,
  type: 'parallel',
  states: {
    sweep: {
      initial: 'looking',
      states: {
        looking: {
          invoke: {
            id: 'look',
            src: 'compareRooms',
            input: ({ context }) => ({ memory: context.memory }),
            onError: unseen,
          },
          on: {
            'rooms.compared': [
              { guard: 'hasRepairs', target: 'repairing', actions: 'noteComparison' },
              { target: 'resting', actions: 'noteComparison' },
            ],
            'rooms.unseen': unseen,
          },
          after: { [at.roomsCompared]: unseen },
        },
        repairing: {
          invoke: {
            id: 'repair',
            src: 'repairCalls',
            input: ({ context }) => ({ repairs: context.repairs }),
            onError: undone,
          },
          on: { 'rooms.repaired': undone },
          after: { [at.roomsRepaired]: undone },
        },
        resting: { after: { [at.roomsRest]: 'looking' } },
      },
    },
    /** Beside the sweep: LiveKit takes seconds to say that a room is none. */
    ghosts: {
      initial: 'none',
      states: {
        none: { on: { 'rooms.compared': { guard: 'hasIdle', target: 'clearing', actions: 'noteIdle' } } },
        clearing: {
          invoke: {
            id: 'clear',
            src: 'clearRooms',
            input: ({ context }) => ({ rooms: context.idle }),
            onError: 'none',
          },
          on: { 'rooms.cleared': 'none' },
          after: { [at.roomsCleared]: 'none' },
        },
      },
    },
    /** Whether LiveKit's lists are believed when they have lost callers. */
    lists: {
      initial: 'believed',
      states: {
        believed: { on: { 'rooms.compared': { guard: 'hasVanished', target: 'doubted' } } },
        doubted: {
          on: { 'rooms.compared': [{ guard: 'hasVanished' }, { target: 'believed' }] },
        },
      },
    },
  },
});

/** Every actor of the reconciler, each required. */
export type ReconcilerActors = typeof reconcilerActors;

/** Holds LiveKit's rooms against our calls for as long as the instance runs, with its actors plugged in. */
export const createReconciler = (given: ReconcilerActors) => reconcilerMachine.provide({ actors: given });

export type ReconcilerMachine = ReturnType<typeof createReconciler>;

/** The bare machine, for charts and graph walks: its actors refuse to start. */
export const bareReconciler = reconcilerMachine;
