import type { Failure } from '../failure.ts';
import type { Clock } from '../clock.ts';
import { leaf, type Stamped } from './leaf.ts';
import type { Room } from './room.ts';

type Fact = { readonly type: 'line.hung_up' } | { readonly type: 'line.hang_up_failed'; readonly failure: Failure };
export type HangUpFact = Stamped<Fact>;

/** Ends the call for the caller. Reports exactly once. */
export const hangUp = (room: Room, clock: Clock) =>
  leaf<Fact, { type: 'none' }, undefined>(clock, ({ report }) => {
    void room
      .hangUp()
      .then((failure) => report(failure ? { type: 'line.hang_up_failed', failure } : { type: 'line.hung_up' }));
  });
