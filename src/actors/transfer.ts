import type { Clock } from '../clock.ts';
import type { DialFailure } from './dialer.ts';
import { leaf, type Stamped } from './leaf.ts';
import type { Intentions } from './tool-attempt.ts';

export type TransferOutcome = { readonly result: 'done' } | DialFailure;

/** Gives callers away to other telephones (cold, by REFER). */
export interface Transfer {
  /**
   * Asks the caller's own side to call `to` (`tel:+…` or `sip:user@host`) and to leave us: one request, never sent again.
   * Resolves when the other telephone has answered, or with why not: then the caller is still here. Some seconds after
   * `ringMs` (whole seconds) at the latest. Never rejects.
   */
  refer(
    caller: { readonly room: string; readonly identity: string },
    to: string,
    options: { readonly ringMs: number },
  ): Promise<TransferOutcome>;
}

/** `identity`: the caller's in the room; `to`: the name of somebody configured. */
export interface TransferInput {
  readonly identity: string;
  readonly to: string;
  readonly ringMs: number;
}

type Fact = { readonly type: 'transfer.done' } | { readonly type: 'transfer.failed'; readonly outcome: DialFailure };

export type TransferFact = Stamped<Fact>;

const failed = (message: string): TransferOutcome => ({ result: 'failed', message });

/** Puts the caller through, once, when it is stored that this is meant. Numbers come from `people`, never from a machine. */
export const transferCall = (
  {
    transfer,
    room,
    people,
  }: {
    readonly transfer: Transfer;
    readonly room: string;
    readonly people: Readonly<Record<string, { readonly to: string }>>;
  },
  intentions: Intentions,
  clock: Clock,
) =>
  leaf<Fact, { type: 'none' }, TransferInput>(clock, ({ input, signal, report }) => {
    const { identity, to, ringMs } = input;
    const person = Object.hasOwn(people, to) ? people[to] : undefined;
    const run = async (): Promise<TransferOutcome> => {
      if (!person) return failed(`there is nobody called ${to}`);
      if (!(await intentions.committed())) return failed('not begun: it could not be noted beforehand');
      if (signal.aborted) return failed('not begun: nobody waited for it any more');
      return transfer.refer({ room, identity }, person.to, { ringMs });
    };
    void run().then((outcome) =>
      report(outcome.result === 'done' ? { type: 'transfer.done' } : { type: 'transfer.failed', outcome }),
    );
  });
