import type { Clock } from '../../clock.ts';
import { readLimit } from '../../runtime/call-log.ts';
import type { CallLog } from '../../runtime/call-log.ts';
import type { DialStore } from '../../runtime/dial-store.ts';
import type { CallStore, StoreUnavailable } from '../../runtime/call-store.ts';
import type { EgressStore } from '../../runtime/egress-store.ts';
import { createWatchers } from '../../runtime/watchers.ts';
import { openDatabase } from './database.ts';
import type { Database } from './database.ts';

export interface SqliteOptions {
  /** Folder of the file (`DATA_DIR`); made when missing. */
  readonly dir: string;
  readonly clock: Pick<Clock, 'now'>;
  /** Questions that may wait for the disk; more are refused as `full`. */
  readonly maxPending?: number;
}

export interface SqliteStores {
  readonly store: CallStore;
  readonly log: CallLog;
  readonly egresses: EgressStore;
  readonly dials: DialStore;
  /** Why it cannot answer any more, if so: for the readiness check. */
  trouble(): StoreUnavailable | undefined;
  /** After all that was asked is answered. Idempotent. */
  close(): Promise<void>;
}

/**
 * Store and log in one SQLite file of this process alone, in a thread of its own: the voice path never waits for a disk.
 * Rejects with `StoreUnavailable`: `locked` when another process has the folder.
 */
export async function openSqlite({ dir, clock, maxPending }: SqliteOptions): Promise<SqliteStores> {
  const database = await openDatabase({ dir, ...(maxPending === undefined ? {} : { maxPending }) });
  const { close, trouble } = database;
  return {
    store: createStore(database, clock),
    log: createLog(database),
    egresses: createEgresses(database),
    dials: createDials(database, clock),
    close,
    trouble,
  };
}

function createStore({ ask }: Database, clock: Pick<Clock, 'now'>): CallStore {
  const watchers = createWatchers();
  return {
    async ingest(event) {
      const answer = await ask('ingest', event, clock.now());
      if (answer === 'stored') watchers.wake(event.callKey);
      return answer;
    },
    mail: (callKey, after) => ask('mail', callKey, after),
    watchMail: (callKey, wake) => watchers.add(callKey, wake),
    claim: (callKey) => ask('claim', callKey, clock.now()),
    release: (callKey, epoch) => ask('release', callKey, epoch),
    load: (callKey) => ask('load', callKey),
    commit: (record) => ask('commit', record, clock.now()),
    list: () => ask('list'),
    openIn: (room) => ask('openIn', room),
    end: (callKey, epoch) => ask('end', callKey, epoch, clock.now()),
  };
}

const createDials = ({ ask }: Database, clock: Pick<Clock, 'now'>): DialStore => ({
  order: (dial, limits) => ask('order', dial, limits, clock.now()),
  settle: (callKey, talkedMs) => ask('settle', callKey, talkedMs, clock.now()),
});

function createLog({ ask }: Database): CallLog {
  const watchers = createWatchers();
  return {
    async append(callKey, epoch, drafts) {
      const answer = await ask('append', callKey, epoch, drafts);
      if (answer === 'appended') watchers.wake(callKey);
      return answer;
    },
    read: (callKey, { after = 0, limit = readLimit } = {}) => ask('read', callKey, after, limit),
    watch: (callKey, wake) => watchers.add(callKey, wake),
    summary: (callKey) => ask('summary', callKey),
    calls: ({ limit = 50, before = Number.MAX_SAFE_INTEGER } = {}) => ask('calls', limit, before),
  };
}

const createEgresses = ({ ask }: Database): EgressStore => ({
  put: (record) => ask('putEgress', record),
  get: (id) => ask('egress', id),
  ofCall: (callKey) => ask('egressOfCall', callKey),
  open: () => ask('openEgresses'),
  list: ({ limit, before = Number.MAX_SAFE_INTEGER }) => ask('egresses', limit, before),
});
