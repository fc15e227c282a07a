import type { Clock } from '../../clock.ts';
import { readLimit } from '../../runtime/call-log.ts';
import type { CallLog } from '../../runtime/call-log.ts';
import type { DialStore } from '../../runtime/dial-store.ts';
import type { CallStore } from '../../runtime/call-store.ts';
import type { EgressStore } from '../../runtime/egress-store.ts';
import { committing } from '../../runtime/record-parts.ts';
import type { Stores } from '../../runtime/stores.ts';
import { createWatchers } from '../../runtime/watchers.ts';
import { openDatabase } from './database.ts';
import type { Database } from './database.ts';

export interface SqliteOptions {
  /** Folder of the file (`DATA_DIR`); made when missing. */
  readonly dir: string;
  readonly clock: Clock;
  /** How long the log of a call, and a recording's, are kept; left out: for good. */
  readonly keepMs?: number;
  /** Questions that may wait for the disk; more are refused as `full`. */
  readonly maxPending?: number;
}

/**
 * Store and log in one SQLite file of this process alone, in a thread of its own: the voice path never waits for a disk.
 * Rejects with `StoreUnavailable`: `locked` when another process has the folder.
 */
export async function openSqlite({ dir, clock, keepMs, maxPending }: SqliteOptions): Promise<Stores> {
  const database = await openDatabase({ dir, ...(maxPending === undefined ? {} : { maxPending }) });
  const { trouble } = database;
  const stopSweeping = keepMs === undefined ? () => undefined : sweeping(database, keepMs, clock);
  return {
    store: createStore(database, clock),
    log: createLog(database, clock),
    egresses: createEgresses(database, clock),
    dials: createDials(database, clock),
    close() {
      stopSweeping();
      return database.close();
    },
    trouble,
  };
}

const sweepEveryMs = 60 * 60_000;
const goOnAfterMs = 1_000;

/** Drops what was kept long enough, a little at a time. Returns the end of it. */
function sweeping({ ask }: Database, keepMs: number, clock: Clock): () => void {
  let timer: unknown;
  let stopped = false;
  async function sweep(): Promise<void> {
    const more = await ask('dropBefore', clock.now() - keepMs).catch(() => false);
    if (!stopped) timer = clock.setTimeout(() => void sweep(), more ? goOnAfterMs : sweepEveryMs);
  }
  void sweep();
  return () => {
    stopped = true;
    clock.clearTimeout(timer);
  };
}

function createStore({ ask }: Database, clock: Pick<Clock, 'now'>): CallStore {
  const watchers = createWatchers();
  const records = committing((change) => ask('commit', change, clock.now()));
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
    commit: records.commit,
    list: () => ask('list'),
    openIn: (room) => ask('openIn', room),
    async end(callKey, epoch) {
      const answer = await ask('end', callKey, epoch, clock.now());
      records.forget(callKey);
      return answer;
    },
  };
}

const createDials = ({ ask }: Database, clock: Pick<Clock, 'now'>): DialStore => ({
  order: (dial, limits) => ask('order', dial, limits, clock.now()),
  settle: (callKey, talkedMs) => ask('settle', callKey, talkedMs, clock.now()),
});

function createLog({ ask }: Database, clock: Pick<Clock, 'now'>): CallLog {
  const watchers = createWatchers();
  return {
    async append(callKey, epoch, drafts) {
      const answer = await ask('append', callKey, epoch, drafts, clock.now());
      if (answer === 'appended') watchers.wake(callKey);
      return answer;
    },
    read: (callKey, { after = 0, limit = readLimit } = {}) => ask('read', callKey, after, limit),
    watch: (callKey, wake) => watchers.add(callKey, wake),
    summary: (callKey) => ask('summary', callKey),
    calls: ({ limit = 50, before = Number.MAX_SAFE_INTEGER } = {}) => ask('calls', limit, before),
  };
}

const createEgresses = ({ ask }: Database, clock: Pick<Clock, 'now'>): EgressStore => ({
  put: (record) => ask('putEgress', record, clock.now()),
  get: (id) => ask('egress', id),
  ofCall: (callKey) => ask('egressOfCall', callKey),
  open: () => ask('openEgresses'),
  list: ({ limit, before = Number.MAX_SAFE_INTEGER }) => ask('egresses', limit, before),
});
