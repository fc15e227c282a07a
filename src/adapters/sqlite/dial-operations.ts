import { type CallEvent, rememberMs } from '../../runtime/call-store.ts';
import type { DialLimits, OrderedDial, Ordering } from '../../runtime/dial-store.ts';
import type { Runner } from './runner.ts';

interface Mailboxes {
  ingest(event: CallEvent, now: number): 'stored' | 'duplicate' | 'ended';
}

/** Calls out, in the same file as the calls: ordered and opened in one transaction. */
export function dialOperations({ run, one }: Runner, { ingest }: Mailboxes) {
  /** Taken up by a call that has not ended, whether or not its end was noted here. */
  const open = 'settled_at is null and call_key in (select call_key from calls)';
  const sum = (sql: string, ...values: readonly number[]): number => Number(one(sql, ...values)?.['n']);
  const spentMs = (dayStartsAt: number, now: number): number =>
    sum('select coalesce(sum(talked_ms), 0) as n from dials where settled_at >= ?', dayStartsAt) +
    sum(`select coalesce(sum(? - max(asked_at, ?)), 0) as n from dials where ${open}`, now, dayStartsAt);

  return {
    order({ callKey, order, fingerprint }: OrderedDial, limits: DialLimits, now: number): Ordering {
      run(
        'delete from dials where coalesce(settled_at, asked_at) <= ? and call_key not in (select call_key from calls)',
        now - rememberMs,
      );
      const known = one('select fingerprint from dials where call_key = ?', callKey);
      if (known !== undefined) return known['fingerprint'] === fingerprint ? 'known' : 'other';
      if (sum(`select count(*) as n from dials where ${open}`) >= limits.concurrent) return 'busy';
      if (spentMs(limits.dayStartsAt, now) >= limits.dailyMs) return 'spent';
      const fact = { type: 'door.dial_asked', order } as const;
      // The call itself may be remembered a little longer than its order.
      if (ingest({ id: 'dial', callKey, at: now, fact }, now) !== 'stored') return 'known';
      run('insert into dials (call_key, fingerprint, asked_at) values (?, ?, ?)', callKey, fingerprint, now);
      return 'ordered';
    },
    settle(callKey: string, talkedMs: number, now: number): void {
      run(
        'update dials set settled_at = ?, talked_ms = ? where call_key = ? and settled_at is null',
        now,
        Math.round(talkedMs),
        callKey,
      );
    },
  };
}
