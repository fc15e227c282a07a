import { describe, expect, test } from 'vitest';
import { createInProcessQueue } from '../../src/adapters/memory/call-queue.ts';
import { createMemoryDials } from '../../src/adapters/memory/dial-store.ts';
import { createMemoryStore } from '../../src/adapters/memory/call-store.ts';
import { callMachineVersion } from '../../src/machines/call/call.machine.ts';
import { type CallContext, freshContext } from '../../src/machines/call/context.ts';
import type { CallHost } from '../../src/runtime/call-host.ts';
import { createCallWorker, type OpenedCall } from '../../src/runtime/call-worker.ts';
import { guest, hotel } from '../support/call-harness.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const callKey = 'r~out-1';
const minute = 60_000;
const answered = { outcome: { result: 'answered' }, answeredAt: minute } as const;

/** A worker over stores in memory, whose calls are what the test says and over as soon as they run. */
function bed({ context, room = 'r' }: { readonly context?: Partial<CallContext>; readonly room?: string } = {}) {
  const clock = createVirtualClock(0);
  const store = createMemoryStore({ clock });
  const dials = createMemoryDials({ store, clock });
  const [settled, lost, unwritten]: [number[], string[], string[]] = [[], [], []];
  const stop = new AbortController();
  const state = { full: false, runs: 0, running: [] as CallHost[], nobody: false, ends: 'no caller' };
  const whole = { ...freshContext({ callKey, room, epoch: 1, agent: hotel, dial: guest, now: 0 }), ...context };
  const open = (): OpenedCall | undefined => {
    state.runs += 1;
    if (state.nobody) return undefined;
    const host = { callKey, context: () => whole, ended: Promise.resolve(state.ends), send() {}, can: () => false };
    return { host: host as unknown as CallHost, close: async () => undefined };
  };
  const work = createCallWorker({
    store,
    clock,
    open,
    dials: {
      async settle(key, ms) {
        if (state.full) throw new Error('disk full');
        settled.push(ms);
        await dials.settle(key, ms);
      },
    },
    stopping: stop.signal,
    unwritten: (key) => void unwritten.push(key),
    running: { add: () => undefined, remove: () => undefined, running: () => state.running },
    trouble: () => undefined,
  });
  const queue = createInProcessQueue({ store, clock });
  const queued = queue.run({ capacity: 5, signal: stop.signal, lost: (key) => lost.push(key) }, work);
  const order = (key = callKey) =>
    dials.order(
      { callKey: key, order: { room, agent: hotel.name, to: guest.to, ringMs: 30_000 }, fingerprint: key },
      { concurrent: 1, dailyMs: 60 * minute, dayStartsAt: 0 },
    );
  const run = async () => {
    await queue.enqueue(callKey);
    await clock.settle();
  };
  const close = () => {
    stop.abort();
    return queued;
  };
  const record = (savedAt: number, epoch: number) => ({
    callKey,
    machine: 'call',
    version: String(callMachineVersion),
    seq: 1,
    epoch,
    livekitHost: '',
    room,
    savedAt,
    value: {},
    context: whole,
    timers: [],
    mailCursor: 1,
  });
  const isKnown = async () => (await store.list()).length > 0;
  return { clock, store, settled, lost, unwritten, state, order, run, close, record, isKnown };
}

describe('what a call out has cost', () => {
  test.each([
    ['whose caller is found no more, what it talked before', 0, minute],
    ['whose caller was still on the line, all of it', 11 * minute, 10 * minute],
  ])('R3.4 of a call that nobody ran for a while, %s', async (_, seenAt, talkedMs) => {
    const call = bed({ context: { dial: { ...guest, ...answered }, seenAt } });
    await call.order();
    const { epoch } = (await call.store.claim(callKey))!;
    await call.store.commit(call.record(2 * minute, epoch));
    await call.clock.advance(11 * minute);
    await call.run();
    expect(call.settled).toEqual([talkedMs]);
  });

  test('R3.4 is no more than its agent lets a call last', async () => {
    const call = bed({ context: { dial: { ...guest, ...answered } } });
    await call.order();
    await call.clock.advance(600 * minute);
    await call.run();
    expect(call.settled).toEqual([hotel.maxCallMs]);
  });
});

describe('a call that is over', () => {
  test('R3.4 is written down when the store can take it again, and is never run again', async () => {
    const call = bed({ context: { dial: { ...guest, ...answered } } });
    call.state.full = true;
    await call.order();
    await call.run();
    await call.clock.advance(2 * minute);
    expect(call.unwritten.length).toBeGreaterThan(3);
    expect(await call.order('r2~out-2')).toBe('busy');
    call.state.full = false;
    await call.clock.advance(minute);
    expect(call.state.runs).toBe(1);
    expect(call.lost).toEqual([]);
    expect(await call.isKnown()).toBe(false);
    expect(await call.order('r2~out-2')).toBe('ordered');
  });

  test('R3.4 holds up no instance that closes while the store takes nothing', async () => {
    const call = bed();
    call.state.full = true;
    await call.order();
    await call.run();
    await call.close();
    expect(await call.isKnown()).toBe(true);
  });

  test.each([
    ['is for an agent that is not here', (call: ReturnType<typeof bed>) => void (call.state.nobody = true), 1],
    [
      'comes into a room that has a call',
      (call: ReturnType<typeof bed>) => void call.state.running.push({ callKey: 'r~other' } as CallHost),
      0,
    ],
  ])('R3.4 before it began, since it %s, takes no place any more', async (_, happens, runs) => {
    const call = bed();
    happens(call);
    await call.order();
    await call.run();
    expect(call.settled).toEqual([0]);
    expect([await call.isKnown(), call.state.runs]).toEqual([false, runs]);
    expect(call.lost).toEqual([]);
  });

  test.each([
    ['let go of here, is the next one’s without suspicion', 'abandoned', 0],
    ['taken away, is not let go of', 'fenced', 1],
    ['that stopped by an error of ours, is over', 'crashed', undefined],
  ])('S3 one that was %s', async (_, ends, crashes) => {
    const call = bed();
    call.state.ends = ends;
    await call.order();
    await call.run();
    expect((await call.store.claim(callKey))?.crashes).toBe(crashes);
  });
});
