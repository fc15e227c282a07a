import { describe, expect, test } from 'vitest';
import { createInProcessQueue } from '../../src/adapters/memory/call-queue.ts';
import { createMemoryLog } from '../../src/adapters/memory/call-log.ts';
import { createMemoryDials } from '../../src/adapters/memory/dial-store.ts';
import { createMemoryStore } from '../../src/adapters/memory/call-store.ts';
import { type CallFact, StoreUnavailable } from '../../src/runtime/call-store.ts';
import { callMachineVersion } from '../../src/machines/call/call.machine.ts';
import { type CallContext, freshContext } from '../../src/machines/call/context.ts';
import type { CallHost } from '../../src/runtime/call-host.ts';
import { type CallOpening, createCallWorker, type OpenedCall } from '../../src/runtime/call-worker.ts';
import { guest, hotel } from '../support/call-harness.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const callKey = 'r~out-1';
const minute = 60_000;
const other = {
  type: 'door.caller_joined',
  caller: { identity: 'sip_2', sid: 'PA_2', kind: 'sip', callerKey: 'other' },
} as const;
const answered = { outcome: { result: 'answered' }, answeredAt: minute } as const;

/** A worker over stores in memory, whose calls are what the test says and over as soon as they run. */
function bed({ context, room = 'r' }: { readonly context?: Partial<CallContext>; readonly room?: string } = {}) {
  const clock = createVirtualClock(0);
  const store = createMemoryStore({ clock });
  const dials = createMemoryDials({ store, clock });
  const log = createMemoryLog();
  const [settled, lost, unwritten]: [number[], string[], string[]] = [[], [], []];
  const stop = new AbortController();
  const state = {
    full: false,
    runs: 0,
    nobody: false,
    isListed: false,
    ends: 'no caller',
    left: Promise.resolve(),
    ended: undefined as Promise<string> | undefined,
  };
  const whole = { ...freshContext({ callKey, room, epoch: 1, agent: hotel, dial: guest, now: 0 }), ...context };
  const opened: { readonly givesUp?: boolean }[] = [];
  const givenUp: (string | undefined)[] = [];
  const told: string[] = [];
  const open = (opening: CallOpening): OpenedCall | undefined => {
    state.runs += 1;
    opened.push(opening);
    if (state.nobody) return undefined;
    // A process lets go of its calls when it claims no more.
    if (state.ends === 'abandoned') stop.abort();
    const host = {
      callKey,
      context: () => whole,
      ended: state.ended ?? Promise.resolve(state.ends),
      letGo: async () => undefined,
      send: ({ type }: { readonly type: string }) => void told.push(type),
    };
    return { host: host as unknown as CallHost, close: () => state.left };
  };
  const work = createCallWorker({
    store,
    log,
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
    running: { add: () => undefined, remove: () => undefined },
    mayBeThere: async () => state.isListed,
    trouble: () => undefined,
    giveUp: async ({ record }) => void givenUp.push(record?.livekitHost),
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
    livekitHost: 'wss://first',
    room,
    savedAt,
    value: {},
    context: whole,
    timers: [],
    mailCursor: 1,
  });
  const isKnown = async () => (await store.list()).length > 0;
  const waiting = () => queue.size().waiting;
  return {
    waiting,
    clock,
    store,
    log,
    settled,
    lost,
    unwritten,
    state,
    order,
    run,
    close,
    record,
    isKnown,
    opened,
    givenUp,
    told,
  };
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
      'comes into a room that has a call, which another instance may run',
      (call: ReturnType<typeof bed>) => tell(call, 'EV_1', { ...other, room: 'r' }, 'r~other'),
      0,
    ],
  ])('R3.4 before it began, since it %s, takes no place any more', async (_, happens, runs) => {
    const call = bed();
    await happens(call);
    await call.order();
    await call.run();
    expect(call.settled).toEqual([0]);
    expect([(await call.store.openIn('r')).includes(callKey), call.state.runs]).toEqual([false, runs]);
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

  test('S3 one that was let go of here waits for its next owner before its line has been left', async () => {
    const call = bed();
    call.state.ends = 'abandoned';
    call.state.left = new Promise(() => undefined);
    await call.order();
    await call.run();
    expect(call.waiting()).toBe(1);
  });

  test('S3 one that was claimed while the process stops is not begun here, and waits for its next owner', async () => {
    const call = bed();
    await call.order();
    const running = call.run();
    const stopped = call.close();
    await running;
    await stopped;
    expect([call.state.runs, call.waiting()]).toEqual([0, 1]);
    expect((await call.store.claim(callKey))?.crashes).toBe(0);
  });
});

const tell = (call: ReturnType<typeof bed>, id: string, fact: CallFact, key = callKey) =>
  call.store.ingest({ id, callKey: key, at: call.clock.now(), fact });

const caller = { identity: 'sip_1', sid: 'PA_1', kind: 'sip', callerKey: 'SCL_1' } as const;

describe('a caller who left before anybody ran the call', () => {
  const left = { type: 'door.caller_left', sid: 'PA_1', reason: 'CLIENT_INITIATED' } as const;
  const come = async (before?: Partial<CallContext>) => {
    const call = bed(before && { context: before });
    await tell(call, 'joined', { type: 'door.caller_joined', room: 'r', caller });
    if (before) await call.store.commit(call.record(0, (await call.store.claim(callKey))!.epoch));
    await tell(call, 'left', left);
    return call;
  };

  test('R10.1 ends it, once that is a second ago', async () => {
    const call = await come();
    await call.clock.advance(1000);
    await call.run();
    expect([call.state.runs, await call.isKnown()]).toEqual([0, false]);
    expect(await call.log.summary(callKey)).toBeUndefined();
  });

  test('R10.1 ends it in the log too, where somebody began it and died before he saved anything', async () => {
    const call = await come();
    await call.log.append(callKey, 1, [{ at: 0, kind: 'call', data: { what: 'started', room: 'r' } }]);
    await call.clock.advance(1000);
    await call.run();
    expect(await call.log.summary(callKey)).toMatchObject({ why: 'caller hung up' });
  });

  test('R10.1 may be on the way back within that second: somebody is there', async () => {
    const call = await come();
    await call.clock.advance(999);
    await call.run();
    expect(call.state.runs).toBe(1);
  });

  test('R10.1 is served when LiveKit has them in the room, whatever was told', async () => {
    const call = await come();
    call.state.isListed = true;
    await call.clock.advance(5000);
    await call.run();
    expect(call.state.runs).toBe(1);
  });

  test('S3 or after its owner was gone, has the time to come back that a next owner gives', async () => {
    const call = await come({ caller, dial: undefined });
    await call.clock.advance(1000);
    await call.run();
    expect(call.state.runs).toBe(1);
  });
});

const begun = async () => {
  const call = bed({ context: { dial: undefined } });
  await call.clock.advance(1000);
  await tell(call, 'joined', { type: 'door.caller_joined', room: 'r', caller });
  const { epoch } = (await call.store.claim(callKey))!;
  await call.log.append(callKey, epoch, [{ at: 1000, kind: 'call', data: { what: 'started', room: 'r' } }]);
  await call.store.commit(call.record(1000, epoch));
  return call;
};
const ended = (at: number) => [{ at, kind: 'call', data: { what: 'ended', why: 'caller hung up' } }] as const;
const endsIn = async ({ log }: ReturnType<typeof bed>) =>
  (await log.read(callKey)).flatMap(({ data }) => (data['what'] === 'ended' ? [data['why']] : []));

describe('the log of a call whose owner is gone', () => {
  test('R10.1 has an end, though the call ended while nobody ran it', async () => {
    const call = await begun();
    await tell(call, 'finished', { type: 'door.room_finished' });
    await call.clock.advance(1000);
    await call.run();
    expect([call.state.runs, await call.isKnown(), await endsIn(call)]).toEqual([0, false, ['room closed']]);
  });

  test('R10.1 has one end, where the owner had written it before the store knew of it, and the call is not run again', async () => {
    const call = await begun();
    await call.log.append(callKey, 1, ended(1005));
    await call.run();
    expect([call.state.runs, await call.isKnown(), await endsIn(call)]).toEqual([0, false, ['caller hung up']]);
  });

  test('R10.1 may have that of a call of the same name, of a day before: this one goes on, and has its own', async () => {
    const call = await begun();
    await call.log.append(callKey, 1, ended(999));
    call.state.ends = 'fenced';
    await call.run();
    expect(call.state.runs).toBe(1);
    await tell(call, 'finished', { type: 'door.room_finished' });
    await call.clock.advance(1000);
    await call.run();
    expect(await endsIn(call)).toEqual(['caller hung up', 'room closed']);
  });

  test.each([
    ['is full', new StoreUnavailable('full', 'no room'), false],
    ['is away', new StoreUnavailable('away', 'no answer'), true],
  ])('R10.1 that %s holds the call up only until it can be written', async (_, error, isHeldUp) => {
    const call = await begun();
    await tell(call, 'finished', { type: 'door.room_finished' });
    await call.clock.advance(1000);
    const { append } = call.log;
    call.log.append = () => Promise.reject(error);
    await call.run();
    expect(await call.isKnown()).toBe(isHeldUp);
    call.log.append = append;
    await call.clock.advance(2000);
    expect(await call.isKnown()).toBe(false);
    await call.close();
  });

  test('R10.1 that cannot be read keeps nobody from going on with the call', async () => {
    const call = await begun();
    call.log.summary = () => Promise.reject(new StoreUnavailable('away', 'no answer'));
    await call.run();
    expect([call.state.runs, call.lost]).toEqual([1, []]);
  });
});

test('R10.1 what was told of a call while it was being opened reaches it, as what is told later does', async () => {
  const call = bed();
  call.state.ended = new Promise(() => undefined);
  await call.order();
  const { mail } = call.store;
  call.store.mail = async (key, after) => {
    const letters = await mail(key, after);
    if (after === 0) await tell(call, 'finished', { type: 'door.room_finished' });
    return letters;
  };
  await call.run();
  expect(call.told).toEqual(['call.room_gone']);
});

test('S3 a call that took three processes with it is taken up to say that it is sorry; after the fourth its caller is hung up on', async () => {
  const call = bed({ context: { dial: { ...guest, ...answered } } });
  await call.order();
  const crash = async () => {
    const { epoch, crashes } = (await call.store.claim(callKey))!;
    await call.store.commit({ ...call.record(call.clock.now(), epoch), mailCursor: 0 });
    return crashes;
  };
  call.state.ends = 'fenced';
  await crash();
  await call.run();
  await crash();
  await call.run();
  expect(call.opened.map(({ givesUp = false }) => givesUp)).toEqual([false, true]);
  expect(call.givenUp).toEqual([]);
  await call.run();
  expect([call.givenUp, call.state.runs, await call.isKnown()]).toEqual([['wss://first'], 2, false]);
});
