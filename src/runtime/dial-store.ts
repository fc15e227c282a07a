import type { DialOrder } from './call-store.ts';

/** What may be spent on calls out. */
export interface DialLimits {
  /** Calls out that have not ended: one whose call is over takes no place, whether or not it was settled. */
  readonly concurrent: number;
  /** Of all calls out since `dayStartsAt`; one that goes on counts from its beginning. */
  readonly dailyMs: number;
  /** ms since 1970. */
  readonly dayStartsAt: number;
}

export interface OrderedDial {
  readonly callKey: string;
  readonly order: DialOrder;
  /** Of all that was asked for: another order of the same call is told apart by it. */
  readonly fingerprint: string;
}

/** `known`: ordered before, maybe over by now; `other`: ordered before, but as another; `busy`, `spent`: a limit is reached. */
export type Ordering = 'ordered' | 'known' | 'other' | 'busy' | 'spent';

/** Keeps which calls out were ordered, and how long they were. Rejects with `StoreUnavailable` like the store. */
export interface DialStore {
  /** In one step: opens the call with `door.dial_asked` in its mailbox, unless it is known or a limit is reached. */
  order(dial: OrderedDial, limits: DialLimits): Promise<Ordering>;
  /** The call has ended after so many ms of talk; remembered with it for 24 h. The first word counts. */
  settle(callKey: string, talkedMs: number): Promise<void>;
}
