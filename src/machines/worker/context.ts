export interface WorkerContext {
  /** Calls that its process runs now. */
  readonly calls: number;
  /** Calls that its process was ever given. */
  readonly served: number;
  readonly rssBytes: number;
  /** Processes in a row that ended before they had proved themselves. */
  readonly failures: number;
  /** How the process before this one ended. */
  readonly how?: string;
}

/** Of a process that was not given anything yet. */
export const newProcess = { calls: 0, served: 0, rssBytes: 0 } as const;

export const freshWorker = (): WorkerContext => ({ ...newProcess, failures: 0 });
