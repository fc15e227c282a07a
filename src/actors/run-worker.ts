import type { Clock } from '../clock.ts';
import { leaf, type Stamped } from './leaf.ts';

export type WorkerProcessFact =
  /** It can take calls. */
  | { readonly type: 'worker.ready' }
  /** Its event loop turned. Comes every 100 ms once it is ready. */
  | { readonly type: 'worker.pulsed'; readonly rssBytes: number }
  /** It ended, however. Last fact. */
  | { readonly type: 'worker.gone'; readonly how: string };

export type WorkerFact = Stamped<WorkerProcessFact>;
export type WorkerCommand =
  /** Its calls go on elsewhere, between two turns where they can. */
  | { readonly type: 'process.hand_over' }
  /** It lets go of its calls and ends. */
  | { readonly type: 'process.leave' };

/** One process that runs calls, at a time. */
export interface WorkerProcess {
  /** Starts it anew. Returns its end: it is killed then, whatever it does. Never throws. */
  start(report: (fact: WorkerProcessFact) => void): () => void;
  /** Asks it for its calls. */
  handOver(): void;
  /** Asks it to leave by itself. */
  leave(): void;
}

/** Runs a process for as long as it is wanted. */
export const runWorker = (worker: WorkerProcess, clock: Clock) =>
  leaf<WorkerProcessFact, WorkerCommand, undefined>(clock, ({ report, receive }) => {
    receive(({ type }) => (type === 'process.leave' ? worker.leave() : worker.handOver()));
    return worker.start(report);
  });
