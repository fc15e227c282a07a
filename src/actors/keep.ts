import type { Clock } from '../clock.ts';
import { leaf, type Stamped } from './leaf.ts';

/** What became of one writing. `over`: nothing will be written any more, for another one writes now. */
export type Kept = 'kept' | 'failed' | 'over';

export type KeepFact = Stamped<{ readonly type: `keep.${Kept}` }>;

/** Writes once what there is to write by now, and reports once. A rejection is a failure. */
export const keep = (write: () => Promise<Kept>, clock: Clock) =>
  leaf<{ readonly type: `keep.${Kept}` }, { type: 'none' }, undefined>(clock, ({ report }) => {
    void write().then(
      (kept) => report({ type: `keep.${kept}` }),
      () => report({ type: 'keep.failed' }),
    );
  });
