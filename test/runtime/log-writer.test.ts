import { describe, expect, it } from 'vitest';
import { fromCallback } from 'xstate';
import { createMemoryLog } from '../../src/adapters/memory/call-log.ts';
import { createMemoryStore } from '../../src/adapters/memory/call-store.ts';
import { createCall } from '../../src/machines/call/call.machine.ts';
import { createReply } from '../../src/machines/reply/reply.machine.ts';
import { createCallHost } from '../../src/runtime/call-host.ts';
import type { CallLog, LogDraft } from '../../src/runtime/call-log.ts';
import { createLogWriter } from '../../src/runtime/log-writer.ts';
import { hotel } from '../support/call-harness.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const draft = (turn: number): LogDraft => ({ at: 0, kind: 'turn', data: { turn } });
const drafts = (count: number) => Array.from({ length: count }, (_, index) => draft(index));

/** A log that takes what it is given and never answers, until it is told to. */
function createHangingLog() {
  const { promise, resolve } = Promise.withResolvers<'appended'>();
  const taken: LogDraft[] = [];
  const append = (_: string, _epoch: number, given: readonly LogDraft[]) => {
    taken.push(...given);
    return promise;
  };
  return { log: { ...createMemoryLog(), append } satisfies CallLog, taken, answer: () => resolve('appended') };
}

function createWriter(log: CallLog) {
  const told: number[] = [];
  const clock = createVirtualClock();
  const writer = createLogWriter({ log, callKey: 'call', epoch: 1, clock, dropped: (entries) => told.push(entries) });
  return { writer, told, clock };
}

describe('the writer of a call’s log', () => {
  it('keeps order and tells nothing while the log keeps up', async () => {
    const log = createMemoryLog();
    const { writer, told } = createWriter(log);
    for (const each of drafts(40)) writer.add(each);
    await writer.flush();
    expect((await log.read('call')).map(({ data }) => data)).toEqual(drafts(40).map(({ data }) => data));
    expect(told).toEqual([]);
  });

  it('holds 5,000 entries for a log that hangs, drops what comes then, and tells it: at first and whenever it has doubled', async () => {
    const { log, taken, answer } = createHangingLog();
    const { writer, told } = createWriter(log);
    writer.add(draft(0));
    writer.add(...drafts(5000));
    expect(told).toEqual([]);
    for (const each of drafts(9)) writer.add(each);
    expect(told).toEqual([1, 2, 4, 8]);
    answer();
    await writer.flush();
    expect(taken).toEqual([draft(0), ...drafts(5000)]);
  });

  it('R10.1 gives a log that was away what it was owed, each once and in order, and what was given before as it was', async () => {
    const log = createMemoryLog();
    const given: (readonly LogDraft[])[] = [];
    let isAway = true;
    const append: CallLog['append'] = (key, epoch, entries) => {
      given.push(entries);
      return isAway ? Promise.reject(new Error('away')) : log.append(key, epoch, entries);
    };
    const { writer, told, clock } = createWriter({ ...log, append });
    writer.add(draft(0));
    await clock.advance(60_000);
    writer.add(draft(1), draft(2));
    await writer.flush();
    const tries = given.length;
    expect(tries).toBeGreaterThan(20);
    expect(tries).toBeLessThan(60);
    isAway = false;
    await clock.advance(2000);
    expect((await log.read('call')).map(({ data }) => data)).toEqual(drafts(3).map(({ data }) => data));
    expect([new Set(given.slice(0, tries + 1)).size, told]).toEqual([1, []]);
  });

  it('tells what it gave up because the log was away to the end, and asks no more', async () => {
    let asked = 0;
    const append = () => {
      asked += 1;
      return Promise.reject(new Error('full'));
    };
    const { writer, told, clock } = createWriter({ ...createMemoryLog(), append });
    writer.add(...drafts(7));
    await writer.flush();
    expect(told).toEqual([]);
    await writer.close();
    expect([asked, told]).toEqual([2, [7]]);
    await clock.advance(60_000);
    expect(asked).toBe(2);
  });

  it('tells what another owner of the call keeps it from writing', async () => {
    const { writer, told } = createWriter({ ...createMemoryLog(), append: async () => 'fenced' });
    writer.add(...drafts(7));
    await writer.flush();
    expect(told).toEqual([7]);
  });
});

const idle = fromCallback<any, any>(() => undefined);
const machine = createCall({
  joinRoom: idle,
  hangUp: idle,
  dial: idle,
  findLeg: idle,
  transfer: idle,
  watchVoice: idle,
  transcribe: idle,
  play: idle,
  record: idle,
  reply: createReply({ think: idle, speak: idle, runTools: idle, playClip: idle }),
});

it('a call goes on beside a log that hangs, and the loss is told', async () => {
  const clock = createVirtualClock(1_000);
  const told: number[] = [];
  const host = createCallHost({
    callKey: 'room~SCL_1',
    room: 'room',
    epoch: 1,
    livekitHost: 'ws://127.0.0.1:1',
    agent: hotel,
    machine,
    clock,
    store: createMemoryStore({ clock }),
    log: createHangingLog().log,
    logDropped: (entries) => told.push(entries),
  });
  for (let sent = 0; told.length === 0 && sent < 6_000; sent += 1)
    host.send({ type: 'caller.digit', digit: '1', at: clock.now() });
  expect(told).toHaveLength(1);
  const before = host.value();
  host.send({ type: 'call.hang_up', at: clock.now() });
  expect(host.value()).not.toEqual(before);
});
