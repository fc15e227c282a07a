import type { Clock } from '../clock.ts';
import type { Failure } from '../failure.ts';
import type { Target } from '../targets.ts';
import { leaf, type Stamped } from './leaf.ts';

/** What recovery is busy with: one target that cannot be used. */
export interface Trouble {
  readonly target: Target;
  /** Left out when nothing failed outright: it is too slow, or fails too often. */
  readonly failure?: Failure;
  /** That it answers a look says nothing: it fails all the same, in calls or soon after. */
  readonly unproved?: true;
  /** ms since 1970, when it was noticed. */
  readonly since: number;
}

/** What was done, in one line for a person: without a secret, a number or what anybody said. */
export interface Worked {
  readonly did: string;
}

/**
 * One piece of recovery's work. Tries once, repeats nothing and never rejects: that it did not go is the value. It may run
 * twice and must bear that. Ends soon after `signal` aborts; what it resolves with then is not read.
 */
export type Work = (trouble: Trouble, options: { readonly signal: AbortSignal }) => Promise<Worked | Failure>;

type Report = ({ readonly type: 'work.done' } & Worked) | { readonly type: 'work.failed'; readonly failure: Failure };

export type WorkFact = Stamped<Report>;

/** Runs one piece of work for a box of the machine, and reports once how it went. */
export const workOn = (work: Work, clock: Clock) =>
  leaf<Report, { type: 'none' }, Trouble>(clock, ({ input, signal, report }) => {
    void work(input, { signal }).then((result) =>
      report('did' in result ? { type: 'work.done', did: result.did } : { type: 'work.failed', failure: result }),
    );
  });
