import type { ListedCall } from '../../../src/runtime/calls.ts';

/** Live calls, then ended ones; the newest of each first. */
export const liveFirst = (calls: readonly ListedCall[]): ListedCall[] =>
  calls.toSorted(
    (a, b) => Number(a.endedAt !== undefined) - Number(b.endedAt !== undefined) || b.startedAt - a.startedAt,
  );
