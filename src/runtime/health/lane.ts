import type { Failure } from '../../failure.ts';
import type { Evidence } from './evidence.ts';

/** What one kind of witness says: probes, or calls. Plain JSON. */
export interface Lane {
  readonly verdict: 'none' | 'good' | 'poor' | 'bad';
  /** The kind of the last evidence, and how often it came in a row. */
  readonly last: 'none' | 'good' | 'poor' | 'bad';
  readonly run: number;
  /** Evidence in a row that was not good. */
  readonly ill: number;
  /** ms since 1970, of the last evidence. */
  readonly at: number;
  /** Of the last evidence that was not good, until all is good again. */
  readonly failure?: Failure;
}

/** How much in a row changes a verdict. */
export interface Steadiness {
  readonly downAfter: number;
  readonly upAfter: number;
}

export const emptyLane: Lane = { verdict: 'none', last: 'none', run: 0, ill: 0, at: 0 };

/** With one more piece of evidence. */
export function witnessed(
  lane: Lane,
  evidence: Exclude<Evidence, 'none'>,
  { at, failure, steadiness }: { readonly at: number; readonly failure?: Failure; readonly steadiness: Steadiness },
): Lane {
  const most = Math.max(steadiness.downAfter, steadiness.upAfter);
  const run = Math.min(most, evidence === lane.last ? lane.run + 1 : 1);
  const ill = evidence === 'good' ? 0 : Math.min(most, lane.ill + 1);
  const verdict = verdictOf(lane.verdict, { last: evidence, run, ill }, steadiness);
  const standing = verdict === 'good' && evidence === 'good' ? undefined : (failure ?? lane.failure);
  return { verdict, last: evidence, run, ill, at, ...(standing && { failure: standing }) };
}

/** A first word is believed when it is good; after that, as many in a row as it takes. Mixed ills are the lesser one. */
function verdictOf(
  before: Lane['verdict'],
  { last, run, ill }: Pick<Lane, 'run' | 'ill'> & { readonly last: 'good' | 'poor' | 'bad' },
  { downAfter, upAfter }: Steadiness,
): Lane['verdict'] {
  if (last === 'good') return before === 'none' || run >= upAfter ? 'good' : before;
  if (run >= downAfter) return last;
  return ill >= downAfter && (before === 'none' || before === 'good') ? 'poor' : before;
}
