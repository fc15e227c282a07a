import type { DialOutcome } from '../actors/dialer.ts';

type Facts = Readonly<Record<string, unknown>>;

/**
 * One entry before it has its number. `data` may be shown to anyone; what was said, and phone numbers, go into `pii` and
 * nowhere else. Both are plain JSON and may carry more than is named here.
 */
export type LogDraft = {
  /** ms since 1970. */
  readonly at: number;
} & (
  | { readonly kind: 'call'; readonly data: CallMilestone & Facts; readonly pii?: { readonly phone?: string } & Facts }
  /** The call's machine, or a child of it, is in this state now. */
  | {
      readonly kind: 'state';
      readonly data: { readonly machine: string; readonly value: unknown } & Facts;
      readonly pii?: Facts;
    }
  /** A line of the transcript as it stands now; a later entry of the same `turn` and `who` replaces it. */
  | {
      readonly kind: 'line';
      readonly data: LineData & Facts;
      readonly pii: { readonly text: string; readonly unheard?: string } & Facts;
    }
  /** Latencies of one turn, each in ms. */
  | { readonly kind: 'turn'; readonly data: { readonly turn: number } & Facts; readonly pii?: Facts }
  /** Journal: an event from outside the machines, or a timer that fired, sent to the machine at path `to`. */
  | {
      readonly kind: 'event';
      readonly data: { readonly to: string; readonly type: string } & Facts;
      readonly pii?: Facts;
    }
);

export type CallMilestone =
  /** We are to call somebody; `pii.phone` is whom. */
  | { readonly what: 'ordered'; readonly room: string; readonly agent: string }
  /** What came of calling. */
  | ({ readonly what: 'dialled' } & DialOutcome)
  | { readonly what: 'started'; readonly room: string; readonly agent?: string }
  | { readonly what: 'restored'; readonly epoch: number }
  | { readonly what: 'ended'; readonly why: string };

export interface LineData {
  readonly turn: number;
  readonly who: 'agent' | 'caller' | 'tool';
  /** True when the agent was cut off: `pii.unheard` holds what the caller did not hear. */
  readonly cut?: boolean;
}

/** `seq` is 1, 2, 3 … within a call, without gaps, across restarts. */
export type LogEntry = LogDraft & { readonly seq: number };

/** One call as the list shows it. */
export interface CallSummary {
  readonly callKey: string;
  /** Order of first entries; the cursor of `calls`. */
  readonly position: number;
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly room?: string;
  readonly agent?: string;
  readonly why?: string;
  /** We called, or are about to. */
  readonly direction?: 'out';
  /** What came of it, once that is known. */
  readonly outcome?: DialOutcome;
  /** Turns measured so far. */
  readonly turns: number;
  /** Number of the last entry. */
  readonly seq: number;
  readonly pii: { readonly phone?: string };
}

/** Append-only; transcript and journal are views of it. Rejects with `StoreUnavailable` like the store. */
export interface CallLog {
  /** Adds entries in order and numbers them; `fenced` (nothing added) when a higher epoch has written to this call. */
  append(callKey: string, epoch: number, drafts: readonly LogDraft[]): Promise<'appended' | 'fenced'>;
  /** Entries after a number, in order; at most `limit` (default and bound 500). */
  read(callKey: string, options?: { readonly after?: number; readonly limit?: number }): Promise<readonly LogEntry[]>;
  /** Wakes whenever entries of this call were stored: a hint to `read`. Returns the end of it. */
  watch(callKey: string, wake: () => void): () => void;
  summary(callKey: string): Promise<CallSummary | undefined>;
  /** Newest first, before a `position`; at most `limit` (default 50, bound 200). */
  calls(options?: { readonly limit?: number; readonly before?: number }): Promise<readonly CallSummary[]>;
}

export const readLimit = 500;
export const callsLimit = 200;

/** Of a call without an entry; its position comes with the first. */
export const emptySummary = (callKey: string, startedAt: number): CallSummary => ({
  callKey,
  position: 0,
  startedAt,
  turns: 0,
  seq: 0,
  pii: {},
});

/** The list's view of a call after one more entry; shared by the adapters. */
export function summarize(before: CallSummary, entry: LogEntry): CallSummary {
  const after = { ...before, seq: entry.seq, turns: before.turns + (entry.kind === 'turn' ? 1 : 0) };
  if (entry.kind !== 'call') return after;
  const pii = { ...before.pii, ...(entry.pii?.phone === undefined ? {} : { phone: entry.pii.phone }) };
  return { ...after, ...milestone(entry.at, entry.data), pii };
}

function milestone(at: number, data: CallMilestone): Partial<CallSummary> {
  if (data.what === 'started') return { room: data.room, ...(data.agent === undefined ? {} : { agent: data.agent }) };
  if (data.what === 'ended') return { endedAt: at, why: data.why };
  if (data.what === 'ordered') return { room: data.room, agent: data.agent, direction: 'out' };
  if (data.what === 'dialled') return { direction: 'out', outcome: outcomeIn(data) };
  return {};
}

const outcomeIn = ({ what: _what, ...outcome }: Extract<CallMilestone, { what: 'dialled' }>): DialOutcome => outcome;
