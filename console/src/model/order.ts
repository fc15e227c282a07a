import type { CallSummary } from '../../../src/runtime/call-log.ts';

/** Live calls, then ended ones; the newest of each first. */
export const liveFirst = (calls: readonly CallSummary[]): CallSummary[] =>
  calls.toSorted(
    (a, b) => Number(a.endedAt !== undefined) - Number(b.endedAt !== undefined) || b.startedAt - a.startedAt,
  );
