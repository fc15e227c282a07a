import { callsLimit, emptySummary, readLimit, summarize } from '../../runtime/call-log.ts';
import type { CallLog, CallSummary, LogDraft, LogEntry } from '../../runtime/call-log.ts';
import { createWatchers } from '../../runtime/watchers.ts';

interface LoggedCall {
  epoch: number;
  summary: CallSummary;
  /** JSON texts; entry n lies at n - 1. */
  readonly entries: string[];
}

/** A `CallLog` that lasts as long as the process. */
export function createMemoryLog(): CallLog {
  const calls = new Map<string, LoggedCall>();
  const watchers = createWatchers();

  const begin = (callKey: string, at: number): LoggedCall => {
    const summary = { ...emptySummary(callKey, at), position: calls.size + 1 };
    const call = { epoch: 0, summary, entries: [] };
    calls.set(callKey, call);
    return call;
  };
  const write = (call: LoggedCall, draft: LogDraft): void => {
    const entry: LogEntry = { seq: call.summary.seq + 1, ...draft };
    call.summary = summarize(call.summary, entry);
    call.entries.push(JSON.stringify(entry));
  };

  return {
    async append(callKey, epoch, drafts) {
      const first = drafts[0];
      if (first === undefined) return 'appended';
      const call = calls.get(callKey) ?? begin(callKey, first.at);
      if (epoch < call.epoch) return 'fenced';
      call.epoch = epoch;
      drafts.forEach((draft) => write(call, draft));
      watchers.wake(callKey);
      return 'appended';
    },
    async read(callKey, { after = 0, limit = readLimit } = {}) {
      const page = calls.get(callKey)?.entries.slice(after, after + Math.min(limit, readLimit)) ?? [];
      return page.map((text) => JSON.parse(text));
    },
    watch: (callKey, wake) => watchers.add(callKey, wake),
    summary: async (callKey) => calls.get(callKey)?.summary,
    async calls({ limit = 50, before = Infinity } = {}) {
      const older = [...calls.values()].map((call) => call.summary).filter((summary) => summary.position < before);
      return older.reverse().slice(0, Math.min(limit, callsLimit));
    },
  };
}
