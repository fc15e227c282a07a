import { setTimeout as delay } from 'node:timers/promises';

/** `well`; `mend`: calls suffer until it is mended; `know`: no fault, but somebody should know; `untried`: something else is in the way. */
export type Verdict = 'well' | 'mend' | 'know' | 'untried';

/** What one check saw. */
export interface Finding {
  readonly check: string;
  readonly verdict: Verdict;
  /** One line. */
  readonly saw: string;
  /** The command that mends it, or what to do. Every finding to mend has one. */
  readonly mend?: string;
  /** What was measured, in ms. */
  readonly ms?: Readonly<Record<string, number>>;
}

export const well = (check: string, saw: string, ms?: Finding['ms']): Finding => ({
  check,
  verdict: 'well',
  saw,
  ...(ms && { ms }),
});

export const toMend = (check: string, saw: string, mend: string): Finding => ({ check, verdict: 'mend', saw, mend });

export const toKnow = (check: string, saw: string, mend?: string): Finding => ({
  check,
  verdict: 'know',
  saw,
  ...(mend === undefined ? {} : { mend }),
});

export const untried = (check: string, saw: string): Finding => ({ check, verdict: 'untried', saw });

/** What a check may do: it tells what it sees as it sees it, and stops when the signal aborts. */
export interface Checking {
  tell(finding: Finding): void;
  readonly signal: AbortSignal;
  /** What is still being cleaned up when a check's time is over. */
  readonly cleaning: Set<Promise<unknown>>;
}

/**
 * Runs one check within a time of its own: whatever hangs, or throws, is a finding too. What it tells afterwards is not
 * heard. Resolves at the time's end at the latest.
 */
export async function within(
  { tell, signal, cleaning }: Checking,
  { check, limitMs, mend }: Limit,
  run: (checking: Checking) => Promise<void>,
): Promise<void> {
  if (signal.aborted) return;
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  const heard = (finding: Finding): void => void (both.aborted || tell(finding));
  const late = delay(limitMs, undefined, { signal: both }).then(
    () => toMend(check, `no answer within ${limitMs / 1000} s`, mend),
    () => undefined,
  );
  const running = run({ tell: heard, signal: both, cleaning }).catch((error: unknown) =>
    toMend(check, oneLine(error), mend),
  );
  cleaning.add(running);
  void running.then(() => cleaning.delete(running));
  const trouble = await Promise.race([running, late]);
  if (trouble) heard(trouble);
  stop.abort();
}

/** How long a check may take, and what helps when it takes longer or fails in a way of its own. */
export interface Limit {
  readonly check: string;
  readonly limitMs: number;
  readonly mend: string;
}

const oneLine = (error: unknown): string => String(error instanceof Error ? error.message : error).replace(/\s+/g, ' ');
