import type { DialFailure, Dialer, LegName, LegOrder, NotReached } from '../../../src/actors/dialer.ts';
import type { Transfer, TransferOutcome } from '../../../src/actors/transfer.ts';
import type { Clock } from '../../../src/clock.ts';

/** What a telephone does; one that is not told of answers. */
export type Manner = 'answers' | 'rings' | { readonly refuses: number };

export interface FakeTelephones {
  readonly dialer: Dialer;
  readonly transfer: Transfer;
  /** Legs that were dialled, in order. */
  readonly dialled: readonly LegOrder[];
  /** Everybody in the room is put out. */
  endRoom(room: string): void;
}

const refusals: Readonly<Record<number, NotReached>> = {
  404: 'unreachable',
  480: 'unreachable',
  486: 'busy',
  603: 'rejected',
};

const nameOf = ({ room, callerKey }: LegName): string => JSON.stringify([room, callerKey]);

/** Telephones by number, and targets of transfers by address, without a gateway. */
export function createFakeTelephones(
  clock: Pick<Clock, 'setTimeout'>,
  manners: Readonly<Record<string, Manner>> = {},
): FakeTelephones {
  const dialled: LegOrder[] = [];
  const legs = new Map<string, { readonly leg: LegName; readonly end: (why: DialFailure) => void }>();

  async function reached(to: string, ringMs: number, ended?: Promise<DialFailure>): Promise<DialFailure | undefined> {
    const manner = manners[to] ?? 'answers';
    if (manner === 'answers') return undefined;
    if (manner !== 'rings') return { result: refusals[manner.refuses] ?? 'failed', sipStatus: manner.refuses };
    const timeout = new Promise<DialFailure>((resolve) => {
      clock.setTimeout(() => resolve({ result: 'no_answer' }), ringMs);
    });
    return Promise.race([timeout, ...(ended ? [ended] : [])]);
  }

  return {
    dialled,
    dialer: {
      async dial(order) {
        dialled.push(order);
        const ended = Promise.withResolvers<DialFailure>();
        legs.set(nameOf(order), { leg: order, end: ended.resolve });
        const failure = await reached(order.to, order.ringMs, ended.promise);
        if (!failure) return { result: 'answered' };
        legs.delete(nameOf(order));
        return failure;
      },
      find: async (leg) => (legs.has(nameOf(leg)) ? 'there' : 'nowhere'),
    },
    transfer: {
      async refer({ room }, to, { ringMs }): Promise<TransferOutcome> {
        if (![...legs.values()].some(({ leg }) => leg.room === room))
          return { result: 'failed', message: 'participant does not exist' };
        const failure = await reached(to, ringMs);
        // The caller's own side calls, and does not say how it goes on.
        return failure?.result === 'no_answer' ? { result: 'unknown' } : (failure ?? { result: 'done' });
      },
    },
    endRoom(room) {
      for (const [name, { leg, end }] of legs) {
        if (leg.room !== room) continue;
        legs.delete(name);
        end({ result: 'no_answer' });
      }
    },
  };
}
