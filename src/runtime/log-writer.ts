import type { CallLog, LogDraft } from './call-log.ts';
import { createSingleFlight } from './single-flight.ts';

const mostWaiting = 5000;

/** Writes a call's log beside the voice path: `add` never waits, order is kept, and what cannot be kept is counted and told. */
export interface LogWriter {
  add(...drafts: LogDraft[]): void;
  /** Resolves when all that was added so far is in the log, or could not be put there. */
  flush(): Promise<void>;
}

export interface LogWriterOptions {
  readonly log: CallLog;
  readonly callKey: string;
  readonly epoch: number;
  /** Told how many entries were dropped so far, because the log did not keep up or refused: at the first, then whenever they have doubled. */
  readonly dropped?: ((entries: number) => void) | undefined;
}

export function createLogWriter({ log, callKey, epoch, dropped: tell }: LogWriterOptions): LogWriter {
  let waiting: LogDraft[] = [];
  let dropped = 0;
  let toldAt = 1;
  function drop(entries: number): void {
    dropped += entries;
    if (dropped < toldAt) return;
    toldAt = dropped * 2;
    tell?.(dropped);
  }
  const flight = createSingleFlight(write, () => Promise.resolve());
  async function write(): Promise<boolean> {
    const drafts = waiting;
    waiting = [];
    const kept = await log.append(callKey, epoch, drafts).catch(() => 'failed' as const);
    if (kept !== 'appended') drop(drafts.length);
    return kept === 'appended';
  }
  return {
    add(...drafts) {
      if (waiting.length + drafts.length > mostWaiting) return drop(drafts.length);
      waiting.push(...drafts);
      flight.ask();
    },
    flush: async () => void (await flight.done()),
  };
}
