import { assign, sendTo, setup, stateIn } from 'xstate';
import type { WorkerCommand } from '../../actors/run-worker.ts';
import { unwired } from '../../actors/leaf.ts';
import { delaysMs } from '../deadlines.ts';
import { newProcess, type WorkerContext } from './context.ts';
import type { WorkerEvent } from './events.ts';

/** The actors of a worker. Every key must be given to `createWorker`. */
export const workerActors = { runWorker: unwired<WorkerCommand, undefined>('runWorker') };

interface Args {
  readonly context: WorkerContext;
}

/** Native memory grows by 0.8 MB with every call and does not come back: 200 calls are some 160 MB. */
const mostServed = 200;
/** Whatever it was that took it. */
const mostRssBytes = 700_000_000;

const firstRestMs = 1_000;

/**
 * Starting takes a whole core for a second or two, which those need who go on with the calls of one that died; and one that dies again and
 * again is not worth the machine's time.
 */
const restMs = ({ context: { failures } }: Args): number =>
  failures === 0 ? 0 : Math.min(delaysMs.workerRests, firstRestMs * 2 ** (failures - 1));

export const workerChart = setup({
  types: { context: {} as WorkerContext, events: {} as WorkerEvent },
  actors: workerActors,
  delays: { ...delaysMs, workerRests: restMs },
  guards: {
    isWorn: ({ context: { served, rssBytes } }: Args) => served >= mostServed || rssBytes >= mostRssBytes,
    isEmpty: ({ context }: Args) => context.calls === 0,
    isClosing: stateIn({ alive: { duty: 'closing' } }),
  },
  actions: {
    beginAnew: assign(newProcess),
    noteHeld: assign(({ context, event }) =>
      event.type === 'worker.held' ? { calls: event.calls, served: event.served } : context,
    ),
    notePulse: assign(({ context, event }) =>
      event.type === 'worker.pulsed' ? { rssBytes: event.rssBytes } : context,
    ),
    noteGone: assign(({ context, event }) => ({
      failures: context.failures + 1,
      how: event.type === 'worker.gone' ? event.how : 'broken',
    })),
    noteHung: assign(({ context }) => ({ failures: context.failures + 1, how: 'hung' })),
    noteSlow: assign(({ context }) => ({ failures: context.failures + 1, how: 'did not start' })),
    notePutAside: assign({ failures: 0, how: 'worn' }),
    noteLeft: assign({ how: 'left' }),
    forgetFailures: assign({ failures: 0 }),
    askToHandOver: sendTo('process', { type: 'process.hand_over' }),
    askToLeave: sendTo('process', { type: 'process.leave' }),
  },
});
