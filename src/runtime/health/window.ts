/** What a stretch of time has seen. */
export interface Tally {
  readonly well: number;
  readonly failed: number;
  /** Of how many it is known whether they were in time, and how many were not. */
  readonly timed: number;
  readonly late: number;
  /** Looks, whose times can be compared with each other. */
  readonly looks: number;
  readonly sumMs: number;
  readonly worstMs: number;
}

interface Slice extends Tally {
  /** ms since 1970. */
  readonly from: number;
}

/** The last `spanMs`, in a dozen slices: its memory does not grow with what it is told. Plain JSON. */
export interface Window {
  readonly spanMs: number;
  /** Oldest first. */
  readonly slices: readonly Slice[];
}

const slicesPerSpan = 12;
const none: Tally = { well: 0, failed: 0, timed: 0, late: 0, looks: 0, sumMs: 0, worstMs: 0 };

export const emptyWindow = (spanMs: number): Window => ({ spanMs, slices: [] });

/** With one more. A clock that was set back adds to the newest slice. */
export function counted({ spanMs, slices }: Window, at: number, one: Tally): Window {
  const sliceMs = spanMs / slicesPerSpan;
  const from = Math.max(Math.floor(at / sliceMs) * sliceMs, slices.at(-1)?.from ?? 0);
  const kept = slices.filter((slice) => slice.from > from - spanMs && slice.from !== from);
  const newest = slices.find((slice) => slice.from === from) ?? none;
  return { spanMs, slices: [...kept, { from, ...sum(newest, one) }] };
}

/** Of the last `spanMs`; up to a twelfth less, since whole slices are forgotten. */
export const tallyOf = ({ spanMs, slices }: Window, now: number): Tally =>
  slices.filter(({ from }) => from > now - spanMs).reduce<Tally>(sum, none);

const sum = (a: Tally, b: Tally): Tally => ({
  well: a.well + b.well,
  failed: a.failed + b.failed,
  timed: a.timed + b.timed,
  late: a.late + b.late,
  looks: a.looks + b.looks,
  sumMs: a.sumMs + b.sumMs,
  worstMs: Math.max(a.worstMs, b.worstMs),
});
