import type { Clock } from '../../clock.ts';
import { mailboxLimit, rememberMs, roomOpenedBy, settledAfterMs, StoreUnavailable } from '../../runtime/call-store.ts';
import type { CallEvent, CallRecord, CallStore, Mail } from '../../runtime/call-store.ts';
import { createWatchers } from '../../runtime/watchers.ts';

interface OpenedCall {
  readonly room: string;
  epoch: number;
  record?: CallRecord;
  crashes: number;
  /** From its claim to its last commit; nothing while nobody has it. */
  owned?: { readonly since: number; until: number };
}

/** A `CallStore` that lasts as long as the process: for tests, virtual time and runs without a `DATA_DIR`. */
export function createMemoryStore({ clock }: { readonly clock: Pick<Clock, 'now'> }): CallStore {
  const calls = new Map<string, OpenedCall>();
  const mailboxes = new Map<string, Mail[]>();
  const seen = createMemo(clock);
  const ended = createMemo(clock);
  const watchers = createWatchers();
  let position = 0;

  const deliver = (event: CallEvent): void => {
    const mailbox = mailboxes.get(event.callKey) ?? [];
    if (mailbox.length >= mailboxLimit)
      throw new StoreUnavailable('full', `a call's mailbox holds ${mailboxLimit} letters`);
    position += 1;
    mailboxes.set(event.callKey, [...mailbox, plain({ position, event })]);
    const room = roomOpenedBy(event.fact);
    if (room !== undefined && !calls.has(event.callKey)) calls.set(event.callKey, { room, epoch: 0, crashes: 0 });
    seen.add(seenName(event));
  };

  return {
    async ingest(event) {
      if (ended.has(event.callKey)) return 'ended';
      if (seen.has(seenName(event))) return 'duplicate';
      deliver(event);
      watchers.wake(event.callKey);
      return 'stored';
    },
    mail: async (callKey, after) => plain((mailboxes.get(callKey) ?? []).filter((letter) => letter.position > after)),
    watchMail: (callKey, wake) => watchers.add(callKey, wake),
    async claim(callKey) {
      const call = calls.get(callKey);
      if (call === undefined) return undefined;
      call.crashes = hasCrashed(call) ? call.crashes + 1 : 0;
      call.epoch += 1;
      call.owned = { since: clock.now(), until: clock.now() };
      return { epoch: call.epoch, crashes: call.crashes };
    },
    async release(callKey, epoch) {
      const call = calls.get(callKey);
      if (call?.epoch !== epoch) return 'fenced';
      delete call.owned;
      return 'released';
    },
    load: async (callKey) => plain(calls.get(callKey)?.record),
    async commit(record) {
      const call = calls.get(record.callKey);
      if (call?.epoch !== record.epoch || isBehind(record, call.record)) return 'fenced';
      call.record = plain(record);
      if (call.owned) call.owned.until = clock.now();
      const rest = (mailboxes.get(record.callKey) ?? []).filter((letter) => letter.position > record.mailCursor);
      mailboxes.set(record.callKey, rest);
      return 'committed';
    },
    list: async () =>
      [...calls].map(([callKey, call]) => ({
        callKey,
        room: call.room,
        epoch: call.epoch,
        hasRecord: call.record !== undefined,
      })),
    openIn: async (room) => [...calls].filter(([, call]) => call.room === room).map(([callKey]) => callKey),
    async end(callKey, epoch) {
      const call = calls.get(callKey);
      if (call !== undefined && call.epoch !== epoch) return 'fenced';
      calls.delete(callKey);
      mailboxes.delete(callKey);
      ended.add(callKey);
      return 'ended';
    },
  };
}

const seenName = (event: CallEvent): string => JSON.stringify([event.callKey, event.id]);

const hasCrashed = ({ owned }: OpenedCall): boolean =>
  owned !== undefined && owned.until - owned.since < settledAfterMs;

const isBehind = (record: CallRecord, stored: CallRecord | undefined): boolean =>
  stored !== undefined && stored.epoch === record.epoch && record.seq < stored.seq;

const plain = <T>(value: T): T => (value === undefined ? value : JSON.parse(JSON.stringify(value)));

/** Remembers names for 24 h; forgets the old ones when new ones come. */
function createMemo(clock: Pick<Clock, 'now'>) {
  const since = new Map<string, number>();
  const expired = (name: string): boolean => (since.get(name) ?? -Infinity) + rememberMs <= clock.now();
  return {
    has: (name: string): boolean => since.has(name) && !expired(name),
    add(name: string): void {
      for (const old of since.keys()) {
        if (!expired(old)) break;
        since.delete(old);
      }
      since.delete(name);
      since.set(name, clock.now());
    },
  };
}
