import * as fc from '../properties.ts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CallStore } from '../../../src/runtime/call-store.ts';
import { mailboxLimit, rememberMs, settledAfterMs } from '../../../src/runtime/call-store.ts';
import { eventOf, joined, recordOf } from '../call-drafts.ts';
import { createVirtualClock } from '../virtual-clock.ts';
import type { VirtualClock } from '../virtual-clock.ts';

export interface StoreUnderTest {
  readonly store: CallStore;
  readonly close: () => Promise<void>;
  /** Where the store has a time of its own. */
  readonly pass?: (ms: number) => Promise<void>;
}

/** What every `CallStore` keeps to. */
export function callStoreContract(name: string, open: (clock: VirtualClock) => Promise<StoreUnderTest>): void {
  describe(`${name} as CallStore`, () => {
    let clock: VirtualClock;
    let opened: StoreUnderTest;
    let store: CallStore;
    beforeEach(async () => {
      clock = createVirtualClock();
      opened = await open(clock);
      store = opened.store;
    });
    afterEach(() => opened.close());
    const pass = (ms: number) => opened.pass?.(ms) ?? clock.advance(ms);

    const ids = async (after = 0, callKey = 'call-1') =>
      (await store.mail(callKey, after)).map((letter) => letter.event.id);

    test('D3.4 stores an event once in its call’s mailbox, whole and in order', async () => {
      const events = [
        eventOf('EV_1'),
        eventOf('EV_2', { type: 'door.caller_left', sid: 'PA_1', reason: 'CLIENT_INITIATED' }),
      ];
      expect(await Promise.all(events.map((event) => store.ingest(event)))).toEqual(['stored', 'stored']);
      expect(await store.ingest(eventOf('EV_1'))).toBe('duplicate');
      expect((await store.mail('call-1', 0)).map((letter) => letter.event)).toEqual(events);
    });

    test('counts the same id for another call as another event', async () => {
      await store.ingest(eventOf('EV_1'));
      expect(await store.ingest(eventOf('EV_1', joined(), 'call-2'))).toBe('stored');
      expect(await ids(0, 'call-2')).toEqual(['EV_1']);
    });

    test('remembers event ids for 24 h, and no longer', async () => {
      await store.ingest(eventOf('EV_1'));
      await pass(rememberMs - 1000);
      expect(await store.ingest(eventOf('EV_1'))).toBe('duplicate');
      await pass(1000);
      expect(await store.ingest(eventOf('EV_1'))).toBe('stored');
    });

    test('reads mail after a position', async () => {
      for (const id of ['EV_1', 'EV_2', 'EV_3']) await store.ingest(eventOf(id));
      const [first] = await store.mail('call-1', 0);
      expect(await ids(first!.position)).toEqual(['EV_2', 'EV_3']);
    });

    test('wakes who watches a call’s mailbox, until told to stop', async () => {
      const woken: string[] = [];
      const stop = store.watchMail('call-1', () => woken.push('mail'));
      await store.ingest(eventOf('EV_1'));
      await store.ingest(eventOf('EV_1'));
      await store.ingest(eventOf('EV_2', joined(), 'call-2'));
      expect(new Set(woken)).toEqual(new Set(['mail']));
      stop();
      const before = woken.length;
      await store.ingest(eventOf('EV_3'));
      expect(woken).toHaveLength(before);
    });

    test('refuses mail beyond the mailbox’s bound, and takes it again once the call has read', async () => {
      for (let n = 0; n < mailboxLimit; n += 1) await store.ingest(eventOf(`EV_${n}`));
      await expect(store.ingest(eventOf('EV_more'))).rejects.toMatchObject({ name: 'StoreUnavailable', code: 'full' });
      const last = (await store.mail('call-1', 0)).at(-1)!.position;
      const { epoch } = (await store.claim('call-1'))!;
      await store.commit(recordOf(epoch, 1, { mailCursor: last }));
      expect(await store.ingest(eventOf('EV_more'))).toBe('stored');
    });

    test('opens a call when its caller joined, not when somebody left', async () => {
      await store.ingest(eventOf('EV_1', { type: 'door.caller_left', sid: 'PA_1', reason: '' }));
      expect(await store.list()).toEqual([]);
      expect(await store.claim('call-1')).toBeUndefined();
      await store.ingest(eventOf('EV_2'));
      expect(await store.list()).toEqual([{ callKey: 'call-1', room: 'voice-ai-call-1', epoch: 0, hasRecord: false }]);
    });

    test('lists open calls, oldest first, and by room', async () => {
      await store.ingest(eventOf('EV_1', joined('PA_1', 'room-b'), 'call-b'));
      await store.ingest(eventOf('EV_2', joined('PA_2', 'room-a'), 'call-a'));
      await store.ingest(eventOf('EV_3', joined('PA_3', 'room-b'), 'call-1'));
      await store.ingest(eventOf('EV_4', joined('PA_4', 'room-b'), 'call-c'));
      expect(await store.openIn('room-b')).toEqual(['call-b', 'call-1', 'call-c']);
      await store.end('call-1', 0);
      await store.end('call-c', 0);
      expect((await store.list()).map((call) => call.callKey)).toEqual(['call-b', 'call-a']);
      expect(await store.openIn('room-b')).toEqual(['call-b']);
      expect(await store.openIn('room-z')).toEqual([]);
    });

    test('S3 gives back the record as it was committed', async () => {
      await store.ingest(eventOf('EV_1'));
      expect(await store.load('call-1')).toBeUndefined();
      const { epoch } = (await store.claim('call-1'))!;
      const record = recordOf(epoch, 1);
      expect(await store.commit(record)).toBe('committed');
      expect(await store.load('call-1')).toEqual(record);
      expect((await store.list())[0]).toMatchObject({ epoch, hasRecord: true });
    });

    test('keeps nothing of the caller’s hands on the record', async () => {
      await store.ingest(eventOf('EV_1'));
      const record = recordOf((await store.claim('call-1'))!.epoch, 1, { context: { lines: ['one'] } });
      await store.commit(record);
      (record.context as { lines: string[] }).lines.push('two');
      const loaded = (await store.load('call-1'))!;
      expect(loaded.context).toEqual({ lines: ['one'] });
      (loaded.context as { lines: string[] }).lines.push('three');
      expect((await store.load('call-1'))!.context).toEqual({ lines: ['one'] });
    });

    test('epochs grow with each claim and fence the owner before', async () => {
      await store.ingest(eventOf('EV_1'));
      expect(await store.claim('call-1')).toMatchObject({ epoch: 1 });
      expect(await store.commit(recordOf(1, 7))).toBe('committed');
      expect(await store.claim('call-1')).toMatchObject({ epoch: 2 });
      expect(await store.commit(recordOf(1, 8))).toBe('fenced');
      expect(await store.end('call-1', 1)).toBe('fenced');
      expect((await store.load('call-1'))!.seq).toBe(7);
      expect(await store.commit(recordOf(2, 1))).toBe('committed');
      expect((await store.load('call-1'))!.epoch).toBe(2);
    });

    const claims = async (times: number) => {
      const crashes: (number | undefined)[] = [];
      for (let n = 0; n < times; n += 1) crashes.push((await store.claim('call-1'))?.crashes);
      return crashes;
    };

    test('S3 counts the claims in a row over owners who died with the call', async () => {
      await store.ingest(eventOf('EV_1'));
      expect(await claims(4)).toEqual([0, 1, 2, 3]);
    });

    test('S3 a claim over an owner who let go is no sign of trouble', async () => {
      await store.ingest(eventOf('EV_1'));
      expect(await claims(2)).toEqual([0, 1]);
      expect(await store.release('call-1', 1)).toBe('fenced');
      expect(await store.release('call-1', 2)).toBe('released');
      expect(await claims(2)).toEqual([0, 1]);
      expect(await store.release('nobody', 1)).toBe('fenced');
    });

    test('S3 an owner who still saved a minute after its claim was not stopped by the call', async () => {
      await store.ingest(eventOf('EV_1'));
      expect(await claims(2)).toEqual([0, 1]);
      await pass(settledAfterMs - 1000);
      await store.commit(recordOf(2, 1));
      expect(await claims(1)).toEqual([2]);
      await pass(settledAfterMs);
      await store.commit(recordOf(3, 1));
      expect(await claims(2)).toEqual([0, 1]);
    });

    test('S3 an owner who died early counts, however late the next one comes', async () => {
      await store.ingest(eventOf('EV_1'));
      await store.claim('call-1');
      await store.commit(recordOf(1, 1));
      await pass(settledAfterMs * 10);
      expect(await claims(1)).toEqual([1]);
    });

    test('S3 a record changes piece by piece: lines come, change and go, fields come and go', async () => {
      await store.ingest(eventOf('EV_1'));
      await store.claim('call-1');
      const [hello, agent] = [
        { who: 'caller', text: 'hello' },
        { who: 'agent', heard: ['Hotel'] },
      ];
      const contexts = [
        { turn: 1, history: [], why: undefined, agent: { name: 'a' } },
        { turn: 1, history: [hello, agent], agent: { name: 'a' } },
        { turn: 2, history: [hello, { ...agent, heard: ['Hotel', 'Lindau'] }], agent: { name: 'a' }, pending: ['x'] },
        { turn: 2, history: [hello], agent: { name: 'b' } },
        { turn: 3, history: [hello, agent, hello] },
        'no fields',
        { turn: 4, history: 'none' },
      ];
      for (const [seq, context] of contexts.entries()) {
        expect(await store.commit(recordOf(1, seq + 1, { context }))).toBe('committed');
        expect(await store.load('call-1')).toEqual(recordOf(1, seq + 1, { context }));
      }
      const { epoch } = (await store.claim('call-1'))!;
      expect(await store.load('call-1')).toEqual(recordOf(1, contexts.length, { context: contexts.at(-1) }));
      await store.commit(recordOf(epoch, 1, { context: contexts[1] }));
      expect(await store.load('call-1')).toEqual(recordOf(epoch, 1, { context: contexts[1] }));
    });

    test('a commit that overtook an older one stands; a repeated one is the same commit', async () => {
      await store.ingest(eventOf('EV_1'));
      await store.claim('call-1');
      expect(await store.commit(recordOf(1, 5))).toBe('committed');
      expect(await store.commit(recordOf(1, 4))).toBe('fenced');
      expect(await store.commit(recordOf(1, 5))).toBe('committed');
      expect((await store.load('call-1'))!.seq).toBe(5);
    });

    test('never takes a commit for a call that is not open, nor with an epoch that was not claimed', async () => {
      expect(await store.commit(recordOf(1, 1))).toBe('fenced');
      await store.ingest(eventOf('EV_1'));
      await store.claim('call-1');
      expect(await store.commit(recordOf(2, 1))).toBe('fenced');
    });

    test('forgets mail that a committed state has taken in', async () => {
      for (const id of ['EV_1', 'EV_2']) await store.ingest(eventOf(id));
      const [first] = await store.mail('call-1', 0);
      await store.claim('call-1');
      await store.commit(recordOf(1, 1, { mailCursor: first!.position }));
      expect(await ids()).toEqual(['EV_2']);
      expect(await store.ingest(eventOf('EV_1'))).toBe('duplicate');
    });

    test('an ended call takes no events, claims or commits for 24 h', async () => {
      await store.ingest(eventOf('EV_1'));
      await store.claim('call-1');
      await store.commit(recordOf(1, 1));
      expect(await store.end('call-1', 1)).toBe('ended');
      expect(await store.end('call-1', 1)).toBe('ended');
      expect(await store.ingest(eventOf('EV_2'))).toBe('ended');
      expect([await store.claim('call-1'), await store.load('call-1')]).toEqual([undefined, undefined]);
      expect(await store.commit(recordOf(1, 2))).toBe('fenced');
      expect([await store.list(), await store.mail('call-1', 0)]).toEqual([[], []]);
      await pass(rememberMs);
      expect(await store.ingest(eventOf('EV_3'))).toBe('stored');
    });

    test('any order of claims and commits leaves the newest owner’s last word', async () => {
      const step = fc.oneof(
        fc.record({ do: fc.constant('claim' as const) }),
        fc.record({ do: fc.constant('commit' as const), epoch: fc.nat(6), seq: fc.nat(6) }),
      );
      let run = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
          const callKey = `call-${(run += 1)}`;
          await store.ingest(eventOf('EV', joined(), callKey));
          let [epoch, kept] = [0, undefined as { epoch: number; seq: number } | undefined];
          for (const one of steps) {
            if (one.do === 'claim') expect(await store.claim(callKey)).toMatchObject({ epoch: (epoch += 1) });
            else {
              const stands = one.epoch === epoch && (kept?.epoch !== epoch || one.seq >= kept.seq);
              const answer = await store.commit(recordOf(one.epoch, one.seq, { callKey }));
              const claimed = epoch > 0 || one.epoch === 0;
              expect(answer).toBe(stands && claimed ? 'committed' : 'fenced');
              if (answer === 'committed') kept = { epoch: one.epoch, seq: one.seq };
            }
          }
          const loaded = await store.load(callKey);
          expect(loaded && { epoch: loaded.epoch, seq: loaded.seq }).toEqual(kept);
        }),
        { numRuns: 40 },
      );
    });
  });
}
