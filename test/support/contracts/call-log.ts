import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { callsLimit, readLimit } from '../../../src/runtime/call-log.ts';
import type { CallLog } from '../../../src/runtime/call-log.ts';
import { followLog } from '../../../src/runtime/follow-log.ts';
import { endedEntry, lineEntry, started, stateEntry, turnEntry } from '../call-drafts.ts';

export interface LogUnderTest {
  readonly log: CallLog;
  readonly close: () => Promise<void>;
}

/** What every `CallLog` keeps to. */
export function callLogContract(name: string, open: () => Promise<LogUnderTest>): void {
  describe(`${name} as CallLog`, () => {
    let opened: LogUnderTest;
    let log: CallLog;
    beforeEach(async () => {
      opened = await open();
      log = opened.log;
    });
    afterEach(() => opened.close());

    test('D4.2 D1.7 numbers entries from 1 without gaps and gives them back whole', async () => {
      const drafts = [started(), lineEntry('Guten Tag, "Hotel" \u0000 日本'), turnEntry(1)];
      expect(await log.append('call-1', 1, drafts)).toBe('appended');
      expect(await log.append('call-1', 1, [endedEntry()])).toBe('appended');
      expect(await log.read('call-1')).toEqual(
        [...drafts, endedEntry()].map((draft, index) => ({ seq: index + 1, ...draft })),
      );
    });

    test('numbers each call’s entries apart', async () => {
      await Promise.all(['a', 'b', 'a', 'b'].map((callKey, at) => log.append(callKey, 1, [stateEntry(at)])));
      expect((await log.read('a')).map((entry) => entry.seq)).toEqual([1, 2]);
      expect((await log.read('b')).map((entry) => entry.seq)).toEqual([1, 2]);
    });

    test('reads on after a number, page by page, never more than its bound', async () => {
      await log.append(
        'call-1',
        1,
        Array.from({ length: readLimit + 3 }, (_, n) => stateEntry(n)),
      );
      const first = await log.read('call-1', { limit: 10_000 });
      expect([first.length, first.at(-1)?.seq]).toEqual([readLimit, readLimit]);
      expect((await log.read('call-1', { after: readLimit, limit: 2 })).map((entry) => entry.seq)).toEqual([
        readLimit + 1,
        readLimit + 2,
      ]);
      expect(await log.read('call-1', { after: readLimit + 3 })).toEqual([]);
      expect(await log.read('nobody')).toEqual([]);
    });

    test('takes nothing from an owner that was replaced', async () => {
      await log.append('call-1', 2, [started()]);
      expect(await log.append('call-1', 1, [endedEntry()])).toBe('fenced');
      expect(await log.append('call-1', 3, [stateEntry('x')])).toBe('appended');
      expect((await log.read('call-1')).map((entry) => entry.kind)).toEqual(['call', 'state']);
    });

    test('nothing appended is nothing', async () => {
      expect(await log.append('call-1', 1, [])).toBe('appended');
      expect(await log.summary('call-1')).toBeUndefined();
    });

    test('sums a call up: room, agent, number, turns, end', async () => {
      await log.append('call-1', 1, [started(), turnEntry(1), turnEntry(2)]);
      const running = {
        callKey: 'call-1',
        startedAt: 10,
        room: 'voice-ai-call-1',
        agent: 'receptionist',
        turns: 2,
        seq: 3,
      };
      expect(await log.summary('call-1')).toEqual({
        ...running,
        position: expect.any(Number),
        pii: { phone: '+15550123' },
      });
      await log.append('call-1', 1, [endedEntry()]);
      expect(await log.summary('call-1')).toMatchObject({ endedAt: 20, why: 'caller hung up', seq: 4, turns: 2 });
    });

    test('lists calls, newest first, page by page, never more than its bound', async () => {
      for (let n = 1; n <= callsLimit + 5; n += 1) await log.append(`call-${n}`, 1, [started(n)]);
      const first = await log.calls({ limit: 10_000 });
      expect([first.length, first[0]?.callKey]).toEqual([callsLimit, `call-${callsLimit + 5}`]);
      const rest = await log.calls({ before: first.at(-1)!.position });
      expect(rest.map((call) => call.callKey)).toEqual(['call-5', 'call-4', 'call-3', 'call-2', 'call-1']);
      expect((await log.calls()).length).toBe(50);
    });

    test('wakes who watches a call, after the entries can be read, until told to stop', async () => {
      const seen: Promise<number>[] = [];
      const stop = log.watch('call-1', () => seen.push(log.read('call-1').then((entries) => entries.length)));
      await log.append('call-1', 1, [started()]);
      await log.append('call-2', 1, [started()]);
      stop();
      await log.append('call-1', 1, [endedEntry()]);
      expect(seen.length).toBeGreaterThanOrEqual(1);
      expect(await seen[0]).toBeGreaterThanOrEqual(1);
    });

    test('is followed from any number: what is there, then what comes, to the end of the call', async () => {
      await log.append('call-1', 1, [started(), stateEntry('a')]);
      const heard: number[] = [];
      const follow = async () => {
        for await (const entry of followLog(log, 'call-1', { after: 1, signal: new AbortController().signal }))
          heard.push(entry.seq);
      };
      const following = follow();
      for (let n = 0; n < 20; n += 1) await log.append('call-1', 1, [stateEntry(n)]);
      await log.append('call-1', 1, [endedEntry()]);
      await following;
      expect(heard).toEqual(Array.from({ length: 22 }, (_, index) => index + 2));
    });

    test('following ends with its signal while nothing comes', async () => {
      await log.append('call-1', 1, [started()]);
      const end = new AbortController();
      const heard: number[] = [];
      for await (const entry of followLog(log, 'call-1', { after: 0, signal: end.signal })) {
        heard.push(entry.seq);
        queueMicrotask(() => end.abort());
      }
      expect(heard).toEqual([1]);
    });
  });
}
