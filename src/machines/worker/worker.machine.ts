import { at } from '../deadlines.ts';
import { freshWorker } from './context.ts';
import { type workerActors, workerChart } from './setup.ts';

/** What it is used for. */
const duty = workerChart.createStateConfig({
  initial: 'starting',
  states: {
    starting: {
      on: { 'worker.ready': 'serving' },
      after: { [at.workerStarts]: { target: '#worker.resting', actions: 'noteSlow' } },
    },
    serving: {
      initial: 'fresh',
      always: { guard: 'isWorn', target: 'draining' },
      states: {
        fresh: { after: { [at.workerProves]: { target: 'proven', actions: 'forgetFailures' } } },
        proven: {},
      },
    },
    /** Given no more calls; those it has end here, and those that last are handed over. */
    draining: {
      initial: 'ending',
      always: { guard: 'isEmpty', target: 'leaving' },
      states: {
        ending: { after: { [at.workerDrains]: 'handingOver' } },
        handingOver: { entry: 'askToHandOver' },
      },
    },
    leaving: {
      entry: 'askToLeave',
      on: { 'worker.gone': { target: '#worker.resting', actions: 'notePutAside' } },
      after: { [at.workerLeaves]: { target: '#worker.resting', actions: 'notePutAside' } },
    },
    /** For good. */
    closing: {
      entry: 'askToLeave',
      on: { 'worker.gone': { target: '#worker.ended', actions: 'noteLeft' }, 'worker.close': {} },
      after: { [at.workerLeaves]: { target: '#worker.ended', actions: 'noteLeft' } },
    },
  },
  on: { 'worker.close': '.closing' },
});

/** Whether its event loop turns. One look more before it is killed: it may be us who were late. */
const pulse = workerChart.createStateConfig({
  initial: 'awaited',
  states: {
    awaited: { on: { 'worker.pulsed': { target: 'lively', actions: 'notePulse' } } },
    lively: {
      on: { 'worker.pulsed': { target: 'lively', reenter: true, actions: 'notePulse' } },
      after: { [at.workerPulse]: 'quiet' },
    },
    quiet: {
      on: { 'worker.pulsed': { target: 'lively', actions: 'notePulse' } },
      after: {
        [at.workerHangs]: [
          { guard: 'isClosing', target: '#worker.ended', actions: 'noteHung' },
          { target: '#worker.resting', actions: 'noteHung' },
        ],
      },
    },
  },
});

const workerMachine = workerChart.createMachine({
  id: 'worker',
  context: freshWorker,
  initial: 'alive',
  states: {
    /** Leaving it kills the process, whatever that does. */
    alive: {
      type: 'parallel',
      entry: 'beginAnew',
      invoke: { id: 'process', src: 'runWorker', onError: { target: 'resting', actions: 'noteGone' } },
      on: {
        'worker.held': { actions: 'noteHeld' },
        'worker.gone': { target: 'resting', actions: 'noteGone' },
      },
      states: { duty, pulse },
    },
    resting: { on: { 'worker.close': 'ended' }, after: { [at.workerRests]: 'alive' } },
    ended: { type: 'final' },
  },
});

/** Every actor of a worker, each required. */
export type WorkerActors = typeof workerActors;

/** One place for a process that runs calls, and the processes that take it one after another. */
export const createWorker = (given: WorkerActors) => workerMachine.provide({ actors: given });

export type WorkerMachine = ReturnType<typeof createWorker>;

/** The bare machine, for charts and graph walks: its actors refuse to start. */
export const bareWorker = workerMachine;
