import type { CallLog, LogDraft } from './call-log.ts';
import { createSingleFlight } from './single-flight.ts';

const mostWaiting = 5000;

/** Writes a call's log beside the voice path: `add` never waits, order is kept, and what cannot be kept is counted. */
export interface LogWriter {
  add(...drafts: LogDraft[]): void;
  /** Resolves when all that was added so far is in the log, or could not be put there. */
  flush(): Promise<void>;
  /** Entries dropped because the log did not keep up or refused. */
  dropped(): number;
}

export function createLogWriter(log: CallLog, callKey: string, epoch: number): LogWriter {
  let waiting: LogDraft[] = [];
  let dropped = 0;
  const flight = createSingleFlight(write, () => Promise.resolve());
  async function write(): Promise<boolean> {
    const drafts = waiting;
    waiting = [];
    const kept = await log.append(callKey, epoch, drafts).catch(() => 'failed' as const);
    if (kept !== 'appended') dropped += drafts.length;
    return kept === 'appended';
  }
  return {
    add(...drafts) {
      if (waiting.length + drafts.length > mostWaiting) {
        dropped += drafts.length;
        return;
      }
      waiting.push(...drafts);
      flight.ask();
    },
    flush: async () => void (await flight.done()),
    dropped: () => dropped,
  };
}
