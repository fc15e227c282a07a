import type { Kept } from '../actors/keep.ts';
import type { Clock } from '../clock.ts';
import type { CallLog, LogDraft } from './call-log.ts';
import { createKeeper } from './keeper.ts';

const mostWaiting = 5000;
const retryMs = [200, 500, 1000, 2000];

/** Writes a call's log beside the voice path: `add` never waits, order is kept, and what cannot be kept is counted and told. */
export interface LogWriter {
  add(...drafts: LogDraft[]): void;
  /** Resolves when all that was added so far is in the log, or could not be put there yet: it is tried again. */
  flush(): Promise<void>;
  /** Tries once more what is not in the log, and nothing after that. */
  close(): Promise<void>;
}

export interface LogWriterOptions {
  readonly log: CallLog;
  readonly callKey: string;
  readonly epoch: number;
  readonly clock: Clock;
  /** Told how many entries were dropped so far, because the log did not keep up or another owner writes it: at the first, then whenever they have doubled. */
  readonly dropped?: ((entries: number) => void) | undefined;
}

export function createLogWriter({ log, callKey, epoch, clock, dropped: tell }: LogWriterOptions): LogWriter {
  let waiting: LogDraft[] = [];
  /** Given to the log and not yet answered: given again as it was, the log knows it. */
  let given: readonly LogDraft[] = [];
  let dropped = 0;
  let toldAt = 1;
  function drop(entries: number): void {
    dropped += entries;
    if (entries === 0 || dropped < toldAt) return;
    toldAt = dropped * 2;
    tell?.(dropped);
  }
  const keeper = createKeeper({ write, clock, spacedMs: 0, retryMs });
  async function write(): Promise<Kept> {
    if (given.length === 0) [given, waiting] = [waiting, []];
    const kept = await log.append(callKey, epoch, given).catch(() => 'failed' as const);
    if (kept === 'failed') return 'failed';
    if (kept === 'fenced') drop(given.length);
    given = [];
    return waiting.length > 0 ? write() : 'kept';
  }
  return {
    add(...drafts) {
      if (waiting.length + drafts.length > mostWaiting) return drop(drafts.length);
      waiting.push(...drafts);
      keeper.ask();
    },
    flush: async () => void (await keeper.done()),
    async close() {
      keeper.ask();
      await keeper.done();
      keeper.stop();
      drop(given.length + waiting.length);
    },
  };
}
