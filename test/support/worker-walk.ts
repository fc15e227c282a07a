import type { AnyMachineSnapshot } from 'xstate';
import type { WorkerContext } from '../../src/machines/worker/context.ts';
import type { Event } from './tour.ts';

/** Whatever a process may do, and what its host tells of its calls. */
export const workerEvents = (): Event[] =>
  [
    { type: 'worker.ready' },
    { type: 'worker.pulsed', rssBytes: 90_000_000 },
    { type: 'worker.pulsed', rssBytes: 700_000_000 },
    { type: 'worker.gone', how: 'signal SIGKILL' },
    { type: 'worker.held', calls: 0, served: 1 },
    { type: 'worker.held', calls: 1, served: 1 },
    { type: 'worker.held', calls: 1, served: 200 },
    { type: 'worker.close' },
  ].map((event) => ({ at: 0, ...event }));

/** What guards of a worker read. The pause after failures alone knows more of them than there were any. */
export const workerFacts = (state: AnyMachineSnapshot): unknown => {
  const { calls, served, rssBytes, failures } = state.context as WorkerContext;
  return [calls, served, rssBytes, Math.min(failures, 3)];
};
