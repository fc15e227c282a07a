import type { Clock } from '../clock.ts';
import type { DialFailure, Dialer, LegName, LegOrder } from './dialer.ts';
import { leaf, type Stamped } from './leaf.ts';
import type { Room } from './room.ts';
import type { Intentions } from './tool-attempt.ts';

export type DialInput = Omit<LegOrder, keyof LegName>;

type DialReport = { readonly type: 'dial.answered' } | { readonly type: 'dial.failed'; readonly outcome: DialFailure };

type FindReport = { readonly type: 'leg.found' } | { readonly type: 'leg.missing' };

export type DialFact = Stamped<DialReport | FindReport>;

const notNoted: DialFailure = { result: 'failed', message: 'not dialled: it could not be noted beforehand' };

/** A call out, as its dial has to know it. */
export interface DialledCall {
  readonly leg: LegName;
  readonly room: Pick<Room, 'hangUp'>;
  /** Whether the call has ended, here and everywhere. */
  isOver(): boolean;
}

/**
 * Dials, once, when it is stored that this is meant: whoever takes the call over looks for the leg instead. Stopped before
 * that it dials nobody; stopped afterwards it reports nothing, and the telephone rings until its room ends. Whoever answers
 * a call that is over came into its room after that had ended: it is ended again.
 */
export const dial = (dialer: Dialer, { leg, room, isOver }: DialledCall, intentions: Intentions, clock: Clock) =>
  leaf<DialReport, { type: 'none' }, DialInput>(clock, ({ input, signal, report }) => {
    const run = async () => {
      if (!(await intentions.committed())) return report({ type: 'dial.failed', outcome: notNoted });
      if (signal.aborted) return;
      const outcome = await dialer.dial({ ...input, ...leg }, { signal });
      if (outcome.result === 'answered' && isOver()) await room.hangUp();
      report(outcome.result === 'answered' ? { type: 'dial.answered' } : { type: 'dial.failed', outcome });
    };
    void run();
  });

/** Looks once whether the leg is in its room. What cannot be found out is not found. */
export const findLeg = (dialer: Dialer, leg: LegName, clock: Clock) =>
  leaf<FindReport, { type: 'none' }, undefined>(clock, ({ report }) => {
    void dialer.find(leg).then((found) => report({ type: found === 'there' ? 'leg.found' : 'leg.missing' }));
  });
