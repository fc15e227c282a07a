import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createMemoryLog } from '../../src/adapters/memory/call-log.ts';
import { systemClock } from '../../src/clock.ts';
import { callRoutes } from '../../src/http/calls.ts';
import type { Problem } from '../../src/http/problem.ts';
import type { Caller } from '../../src/http/route.ts';
import { listen } from '../../src/http/listen.ts';
import type { Listener } from '../../src/http/listen.ts';
import type { CallLog, LogEntry } from '../../src/runtime/call-log.ts';
import type { Calls } from '../../src/runtime/calls.ts';
import { followLog } from '../../src/runtime/follow-log.ts';
import { endedEntry, started, stateEntry } from '../support/call-drafts.ts';
import { doorOf } from '../support/door.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

let log: CallLog;
let listener: Listener;
/** What the guard finds. */
let comes: Caller | Problem;
/** Whether the guard can say. */
let answering: boolean;
let clock: ReturnType<typeof createVirtualClock>;
/** Who watches the log of this test. */
let watchers: Set<unknown>;
const sockets: Socket[] = [];

beforeEach(async () => {
  answering = true;
  comes = { id: 'ada', name: 'Ada', role: 'viewer' };
  const inner = createMemoryLog();
  const own = (watchers = new Set());
  log = {
    ...inner,
    watch(callKey, wake) {
      const stop = inner.watch(callKey, wake);
      own.add(stop);
      return () => {
        own.delete(stop);
        stop();
      };
    },
  };
  clock = createVirtualClock();
  const calls: Calls = {
    list: (options) => log.calls(options),
    get: async (id) => {
      const summary = await log.summary(id);
      return summary && { ...summary, live: true };
    },
    entries: (id, options) => followLog(log, id, options),
    command: async () => 'unknown',
  };
  const app = doorOf(callRoutes({ calls, clock }), {
    guard: { identify: async () => (answering ? comes : Promise.reject(new Error('EIO'))) },
  });
  listener = await listen(app, { address: { host: '127.0.0.1', port: 0 }, setting: 'API_ADDR', clock: systemClock });
});
afterEach(async () => {
  sockets.splice(0).forEach((socket) => socket.destroy());
  await listener.close({ graceMs: 0 });
});

interface Reader {
  readonly response: Response;
  /** Numbers of the entries read so far. */
  readonly seqs: number[];
  readonly text: () => string;
  readonly leave: () => void;
  /** When the server has ended the stream. */
  readonly ended: Promise<void>;
}

async function watch(path = '/v1/calls/call-1/events', headers: Record<string, string> = {}): Promise<Reader> {
  const leave = new AbortController();
  const response = await fetch(`${listener.url}${path}`, { headers, signal: leave.signal });
  let text = '';
  const seqs: number[] = [];
  const read = async () => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      seqs.splice(0, Infinity, ...[...text.matchAll(/^id: (\d+)$/gm)].map((match) => Number(match[1])));
    }
  };
  return { response, seqs, text: () => text, leave: () => leave.abort(), ended: read().catch(() => {}) };
}

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n);

describe('the events of a call as they happen', () => {
  test('what was, what comes, and the end, each with its number and whole', async () => {
    await log.append('call-1', 1, [started(), stateEntry('ringing')]);
    const reader = await watch();
    expect(reader.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    await expect.poll(() => reader.seqs).toEqual([1, 2]);
    await log.append('call-1', 1, [stateEntry({ talking: 'Grüße\nzwei' })]);
    await expect.poll(() => reader.seqs).toEqual([1, 2, 3]);
    await log.append('call-1', 1, [endedEntry()]);
    await reader.ended;
    const data = [...reader.text().matchAll(/^data: (.+)$/gm)].map((match) => JSON.parse(match[1]!) as LogEntry);
    expect(data.slice(0, 4)).toEqual(await log.read('call-1'));
    expect(reader.text()).toMatch(/\n\nevent: end\ndata: \{\}\n\n$/);
    expect([watchers.size, clock.pending()]).toEqual([0, 0]);
  });

  test('R9.3 a reader who was cut off goes on where it was, without a gap or a repeat', async () => {
    await log.append('call-1', 1, [started()]);
    const seen: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      const reader = await watch('/v1/calls/call-1/events', { 'last-event-id': String(seen.at(-1) ?? 0) });
      await log.append('call-1', 1, [stateEntry(round), stateEntry(round)]);
      await expect.poll(() => reader.seqs.length).toBeGreaterThanOrEqual(2);
      seen.push(...reader.seqs);
      reader.leave();
      await reader.ended;
      await log.append('call-1', 1, [stateEntry('while away')]);
    }
    const last = await watch('/v1/calls/call-1/events', { 'last-event-id': String(seen.at(-1)) });
    await log.append('call-1', 1, [endedEntry()]);
    await last.ended;
    expect([...seen, ...last.seqs]).toEqual(numbers(1, 17));
  });

  test('the address may say where to begin, the browser’s header wins', async () => {
    await log.append('call-1', 1, [started(), stateEntry(1), stateEntry(2), endedEntry()]);
    const [byAddress, byHeader] = [
      await watch('/v1/calls/call-1/events?after=2'),
      await watch('/v1/calls/call-1/events?after=1', { 'last-event-id': '3' }),
    ];
    await Promise.all([byAddress.ended, byHeader.ended]);
    expect([byAddress.seqs, byHeader.seqs]).toEqual([[3, 4], [4]]);
  });

  test('who has read an ended call to its end is told not to come again', async () => {
    await log.append('call-1', 1, [started(), endedEntry()]);
    const reader = await watch('/v1/calls/call-1/events', { 'last-event-id': '2' });
    expect(reader.response.status).toBe(204);
  });

  test('a silent stream is pinged', async () => {
    await log.append('call-1', 1, [started()]);
    const reader = await watch();
    await expect.poll(() => reader.seqs).toEqual([1]);
    await clock.advance(31_000);
    await expect.poll(() => reader.text().match(/: ping/g)?.length).toBe(2);
  });

  test('R8.4 a stream outlives no key: it ends at the next ping, and what comes after is not shown', async () => {
    await log.append('call-1', 1, [started()]);
    const reader = await watch();
    await expect.poll(() => reader.seqs).toEqual([1]);
    comes = { status: 401, code: 'key_revoked', title: 'This key was revoked' };
    await clock.advance(15_000);
    await reader.ended;
    await log.append('call-1', 1, [stateEntry('x')]);
    expect([reader.seqs, watchers.size, clock.pending()]).toEqual([[1], 0, 0]);
    expect(reader.text()).not.toContain('event: end');
    expect((await watch()).response.status).toBe(401);
  });

  test('ends when it could not be asked twice in a row whether the key still is good; once does not matter', async () => {
    await log.append('call-1', 1, [started()]);
    const reader = await watch();
    await expect.poll(() => reader.seqs).toEqual([1]);
    for (const answers of [false, true, false]) {
      answering = answers;
      await clock.advance(15_000);
    }
    expect(watchers.size).toBe(1);
    await clock.advance(15_000);
    await reader.ended;
    expect([watchers.size, clock.pending()]).toEqual([0, 0]);
  });

  test('a reader who leaves, waiting or in the middle of a page, leaves nothing behind', async () => {
    await log.append(
      'call-1',
      1,
      Array.from({ length: 400 }, (_, n) => stateEntry('x'.repeat(2_000) + n)),
    );
    const readers = [await watch(), await watch(), await watch()];
    await expect.poll(() => readers[0]!.seqs.length).toBe(400);
    await expect.poll(() => watchers.size).toBe(3);
    readers.forEach((reader) => reader.leave());
    await expect.poll(() => [watchers.size, clock.pending()], { timeout: 10_000 }).toEqual([0, 0]);
  });

  test('a reader who does not read holds up nobody, and is not read ahead for', async () => {
    await log.append('call-1', 1, [started()]);
    let reads = 0;
    const read = log.read;
    log.read = (...args) => {
      reads += 1;
      return read(...args);
    };
    const socket = connect(listener.address.port, '127.0.0.1');
    sockets.push(socket);
    socket.pause();
    socket.write('GET /v1/calls/call-1/events HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await once(socket, 'connect');
    await expect.poll(() => watchers.size).toBe(1);
    for (let n = 0; n < 100; n += 1)
      await log.append(
        'call-1',
        1,
        Array.from({ length: 100 }, () => stateEntry('x'.repeat(4_000))),
      );
    const quick = await watch('/v1/calls/call-1/events?after=9990');
    await expect.poll(() => quick.seqs).toEqual(numbers(9_991, 10_001));
    const settled = await settle(() => reads);
    expect(settled).toBeLessThan(20);
    socket.destroy();
    quick.leave();
    await expect.poll(() => watchers.size, { timeout: 10_000 }).toBe(0);
  });

  test('closing the door ends the streams', async () => {
    await log.append('call-1', 1, [started()]);
    const reader = await watch();
    await expect.poll(() => reader.seqs).toEqual([1]);
    await listener.close({ graceMs: 50 });
    await reader.ended;
    await expect.poll(() => watchers.size).toBe(0);
  });

  test('watching is bounded', async () => {
    await log.append('call-1', 1, [started()]);
    const readers = await Promise.all(numbers(1, 201).map(() => watch()));
    const statuses = readers.map((reader) => reader.response.status);
    expect(statuses.filter((status) => status === 200).length).toBe(200);
    expect(statuses.filter((status) => status === 503).length).toBe(1);
    readers.forEach((reader) => reader.leave());
    await expect.poll(() => watchers.size, { timeout: 10_000 }).toBe(0);
    const again = await watch();
    expect(again.response.status).toBe(200);
    again.leave();
  });
});

/** A number once it has stood still for a while. */
async function settle(value: () => number): Promise<number> {
  let before = -1;
  await expect.poll(() => [before, (before = value())][0] === value(), { interval: 200, timeout: 10_000 }).toBe(true);
  return before;
}
