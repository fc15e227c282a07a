import type { CallLog } from './call-log.ts';
import type { CallStore, StoreUnavailable } from './call-store.ts';
import type { DialStore } from './dial-store.ts';
import type { EgressStore } from './egress-store.ts';

/** All that outlives a process, in one place. */
export interface Stores {
  readonly store: CallStore;
  readonly log: CallLog;
  readonly egresses: EgressStore;
  readonly dials: DialStore;
  /** Why it cannot answer now, if so: for the readiness check. */
  trouble(): StoreUnavailable | undefined;
  /** After all that was asked is answered. Idempotent. */
  close(): Promise<void>;
}
