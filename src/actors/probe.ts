import type { Failure } from '../failure.ts';
import type { Target } from '../targets.ts';

/** What came of one look. */
export interface Glance {
  readonly tookMs: number;
  /** Left out when it was well. */
  readonly failure?: Failure;
  /** What is not there by design, in a few words: that is no failure. */
  readonly absent?: string;
}

/** A cheap look at something an instance depends on: it starts nothing there, changes nothing and costs nothing. */
export interface Probe {
  readonly target: Target;
  /** What is asked: the name of an RPC, or a few words. Of a closed set. */
  readonly operation: string;
  /** Looks once, and again is for others to decide. Never rejects; over at the latest after the probe's own time limit, or when the signal aborts. */
  look(signal: AbortSignal): Promise<Glance>;
}

/** Probes with what they keep open. */
export interface Probes {
  readonly probes: readonly Probe[];
  close(): Promise<void>;
}
