import type { DatabaseSync } from 'node:sqlite';
import { callsLimit, emptySummary, readLimit, summarize } from '../../runtime/call-log.ts';
import type { CallSummary, LogDraft, LogEntry } from '../../runtime/call-log.ts';
import { mailboxLimit, rememberMs, roomOpenedBy, settledAfterMs, StoreUnavailable } from '../../runtime/call-store.ts';
import type { CallEvent, CallRecord, Mail, OpenCall, Owning } from '../../runtime/call-store.ts';
import { type ChangeAnswer, type RecordChange, recordOf } from '../../runtime/record-parts.ts';
import { egressListLimit } from '../../runtime/egress-store.ts';
import type { EgressRecord, KeptEgress } from '../../runtime/egress-store.ts';
import { dialOperations } from './dial-operations.ts';
import { createRunner, type Row, type Runner } from './runner.ts';

/** What the worker can be asked; each runs in the worker's thread, within the batch's transaction. Time comes with the question. */
export type Operations = ReturnType<typeof createOperations>;

export function createOperations(db: DatabaseSync) {
  const store = storeOperations(createRunner(db));
  return {
    ...store,
    ...dialOperations(createRunner(db), store),
    ...logOperations(createRunner(db)),
    ...egressOperations(createRunner(db)),
    ...retention(createRunner(db)),
  };
}

/** Calls whose logs are dropped at once, so that nobody waits long for the file. */
const mostDropped = 20;

function retention({ run, all }: Runner) {
  return {
    /** Drops logs and egresses that nobody wrote to since, some at a time, and says whether there may be more. */
    dropBefore(before: number): boolean {
      const old = all(
        `select call_key from logged where at < ? and call_key not in (select call_key from calls) order by at limit ${mostDropped}`,
        before,
      );
      for (const { call_key: callKey } of old) {
        run('delete from entries where call_key = ?', String(callKey));
        run('delete from logged where call_key = ?', String(callKey));
      }
      run('delete from egresses where over = 1 and at < ?', before);
      return old.length === mostDropped;
    },
  };
}

const forgetEveryMs = 1_000;

function storeOperations({ run, one, all }: Runner) {
  let forgotAt = -Infinity;
  const forgetOld = (now: number): void => {
    if (now - forgotAt < forgetEveryMs) return;
    forgotAt = now;
    const before = now - rememberMs;
    run('delete from seen where at <= ?', before);
    run('delete from ended where at <= ?', before);
    run('delete from mail where at <= ? and call_key not in (select call_key from calls)', before);
  };
  const mailIn = (callKey: string): number =>
    Number(one('select count(*) as n from mail where call_key = ?', callKey)?.['n']);

  return {
    ingest(event: CallEvent, now: number): 'stored' | 'duplicate' | 'ended' {
      forgetOld(now);
      const { callKey, id, fact } = event;
      if (one('select 1 from ended where call_key = ?', callKey) !== undefined) return 'ended';
      if (one('select 1 from seen where call_key = ? and id = ?', callKey, id) !== undefined) return 'duplicate';
      if (mailIn(callKey) >= mailboxLimit)
        throw new StoreUnavailable('full', `a call's mailbox holds ${mailboxLimit} letters`);
      run('insert into seen values (?, ?, ?)', callKey, id, now);
      run('insert into mail (call_key, at, event) values (?, ?, ?)', callKey, now, JSON.stringify(event));
      const room = roomOpenedBy(fact);
      if (room !== undefined) run('insert or ignore into calls (call_key, room) values (?, ?)', callKey, room);
      return 'stored';
    },
    mail: (callKey: string, after: number): Mail[] =>
      all('select position, event from mail where call_key = ? and position > ? order by position', callKey, after).map(
        (row) => ({ position: Number(row['position']), event: JSON.parse(String(row['event'])) }),
      ),
    claim(callKey: string, now: number): Owning | undefined {
      const row = one(
        `update calls set
           crashes = case when owned_until - owned_since < ${settledAfterMs} then crashes + 1 else 0 end,
           epoch = epoch + 1, owned_since = ?, owned_until = ?
         where call_key = ? returning epoch, crashes`,
        now,
        now,
        callKey,
      );
      return row && { epoch: Number(row['epoch']), crashes: Number(row['crashes']) };
    },
    release(callKey: string, epoch: number): 'released' | 'fenced' {
      const taken = run(
        'update calls set owned_since = null, owned_until = null where call_key = ? and epoch = ?',
        callKey,
        epoch,
      );
      return taken === 0 ? 'fenced' : 'released';
    },
    load(callKey: string): CallRecord | undefined {
      const pieces = all('select name, text from pieces where call_key = ?', callKey);
      const whole = one('select record from calls where call_key = ?', callKey)?.['record'];
      // Of a version that kept it in one piece.
      if (pieces.length === 0) return typeof whole === 'string' ? JSON.parse(whole) : undefined;
      return recordOf(Object.fromEntries(pieces.map((row) => [String(row['name']), String(row['text'])])));
    },
    commit({ callKey, epoch, seq, mailCursor, base, put, drop }: RecordChange, now: number): ChangeAnswer {
      const call = one('select epoch, record_epoch, record_seq from calls where call_key = ?', callKey);
      const own = call?.['record_epoch'] === epoch;
      if (call?.['epoch'] !== epoch || (own && Number(call['record_seq']) > seq)) return 'fenced';
      if (base !== undefined && !(own && call['record_seq'] === base)) return 'behind';
      if (base === undefined) run('delete from pieces where call_key = ?', callKey);
      for (const name of drop) run('delete from pieces where call_key = ? and name = ?', callKey, name);
      for (const [name, text] of Object.entries(put))
        run('insert or replace into pieces values (?, ?, ?)', callKey, name, text);
      run(
        `update calls set record = null, record_epoch = ?, record_seq = ?, owned_until = iif(owned_since is null, null, ?)
         where call_key = ?`,
        epoch,
        seq,
        now,
        callKey,
      );
      run('delete from mail where call_key = ? and position <= ?', callKey, mailCursor);
      return 'committed';
    },
    list: (): OpenCall[] =>
      all('select call_key, room, epoch, record_seq is not null as has_record from calls order by position').map(
        (row) => ({
          callKey: String(row['call_key']),
          room: String(row['room']),
          epoch: Number(row['epoch']),
          hasRecord: row['has_record'] === 1,
        }),
      ),
    openIn: (room: string): string[] =>
      all('select call_key from calls where room = ? order by position', room).map((row) => String(row['call_key'])),
    end(callKey: string, epoch: number, now: number): 'ended' | 'fenced' {
      const call = one('select epoch from calls where call_key = ?', callKey);
      if (call !== undefined && call['epoch'] !== epoch) return 'fenced';
      run('delete from calls where call_key = ?', callKey);
      run('delete from pieces where call_key = ?', callKey);
      run('delete from mail where call_key = ?', callKey);
      run('insert or replace into ended values (?, ?)', callKey, now);
      return 'ended';
    },
  };
}

const summaryOf = (row: Row | undefined): CallSummary | undefined =>
  row === undefined ? undefined : { ...JSON.parse(String(row['summary'])), position: Number(row['position']) };

function logOperations({ run, one, all }: Runner) {
  return {
    append(callKey: string, epoch: number, drafts: readonly LogDraft[], now: number): 'appended' | 'fenced' {
      const first = drafts[0];
      if (first === undefined) return 'appended';
      const row = one('select position, epoch, summary from logged where call_key = ?', callKey);
      if (row !== undefined && epoch < Number(row['epoch'])) return 'fenced';
      let summary = summaryOf(row) ?? emptySummary(callKey, first.at);
      for (const draft of drafts) {
        const entry: LogEntry = { seq: summary.seq + 1, ...draft };
        run('insert into entries values (?, ?, ?)', callKey, entry.seq, JSON.stringify(entry));
        summary = summarize(summary, entry);
      }
      run(
        `insert into logged (call_key, epoch, summary, at) values (?, ?, ?, ?)
         on conflict (call_key) do update set epoch = excluded.epoch, summary = excluded.summary, at = excluded.at`,
        callKey,
        epoch,
        JSON.stringify(summary),
        now,
      );
      return 'appended';
    },
    read: (callKey: string, after: number, limit: number): LogEntry[] =>
      all(
        'select entry from entries where call_key = ? and seq > ? order by seq limit ?',
        callKey,
        after,
        Math.min(limit, readLimit),
      ).map((row) => JSON.parse(String(row['entry']))),
    summary: (callKey: string): CallSummary | undefined =>
      summaryOf(one('select position, summary from logged where call_key = ?', callKey)),
    calls: (limit: number, before: number): CallSummary[] =>
      all(
        'select position, summary from logged where position < ? order by position desc limit ?',
        before,
        Math.min(limit, callsLimit),
      ).flatMap((row) => summaryOf(row) ?? []),
  };
}

const keptEgress = (row: Row): KeptEgress => ({
  ...(JSON.parse(String(row['record'])) as EgressRecord),
  position: Number(row['position']),
});

function egressOperations({ run, one, all }: Runner) {
  const find = (column: 'id' | 'call_key', value: string): KeptEgress | undefined => {
    const row = one(`select position, record from egresses where ${column} = ?`, value);
    return row && keptEgress(row);
  };
  return {
    putEgress(record: EgressRecord, now: number): 'stored' | 'taken' {
      const { id, callKey = null, over } = record;
      if (callKey !== null && one('select 1 from egresses where call_key = ? and id <> ?', callKey, id)) return 'taken';
      run(
        `insert into egresses (id, call_key, over, record, at) values (?, ?, ?, ?, ?)
         on conflict (id) do update set over = excluded.over, record = excluded.record, at = excluded.at where over = 0`,
        id,
        callKey,
        over ? 1 : 0,
        JSON.stringify(record),
        now,
      );
      return 'stored';
    },
    egress: (id: string) => find('id', id),
    egressOfCall: (callKey: string) => find('call_key', callKey),
    openEgresses: (): KeptEgress[] =>
      all('select position, record from egresses where over = 0 order by position').map(keptEgress),
    egresses: (limit: number, before: number): KeptEgress[] =>
      all(
        'select position, record from egresses where position < ? order by position desc limit ?',
        before,
        Math.min(limit, egressListLimit),
      ).map(keptEgress),
  };
}
