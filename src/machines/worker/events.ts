import type { WorkerFact } from '../../actors/run-worker.ts';

/** What its host tells it. */
export type WorkerOrder =
  /** How many calls it has now, and has had. */
  | { readonly type: 'worker.held'; readonly calls: number; readonly served: number }
  /** For good: its calls are let go of. */
  | { readonly type: 'worker.close' };

export type WorkerEvent = WorkerFact | WorkerOrder;
