import type { SavedTimer } from './call-store.ts';

/** All that is kept of an egress: plain JSON. */
export interface EgressRecord {
  /** Ours; names it for good. */
  readonly id: string;
  /** Of the call that it records. */
  readonly callKey?: string;
  readonly machine: 'egress';
  readonly version: string;
  /** Nothing more comes of it. */
  readonly over: boolean;
  readonly value: unknown;
  readonly context: unknown;
  readonly timers: readonly SavedTimer[];
}

/** `position` grows with each new egress; the cursor of `list`. */
export type KeptEgress = EgressRecord & { readonly position: number };

/** Rejects with `StoreUnavailable` like the other stores; what a promise answered is there after a crash. */
export interface EgressStore {
  /** Keeps it as it is now; one that is over stays as it was when it ended, whoever has not heard of that. `taken`: its call has another one already, and nothing was kept: a call is recorded once. */
  put(record: EgressRecord): Promise<'stored' | 'taken'>;
  get(id: string): Promise<KeptEgress | undefined>;
  ofCall(callKey: string): Promise<KeptEgress | undefined>;
  /** Those that are not over, oldest first. */
  open(): Promise<readonly KeptEgress[]>;
  /** Newest first, before a `position`; at most `limit` (bound 200). */
  list(options: { readonly limit: number; readonly before?: number }): Promise<readonly KeptEgress[]>;
}

export const egressListLimit = 200;
