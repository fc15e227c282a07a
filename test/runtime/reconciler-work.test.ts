import { expect, test } from 'vitest';
import { blankMemory, clearRooms, compareRooms, type Reconciliation, repairCalls } from '../../src/actors/reconcile.ts';
import { createReconciler } from '../../src/machines/reconciler/reconciler.machine.ts';
import { onlyInstance } from '../../src/runtime/alone.ts';
import { ControlError } from '../../src/runtime/control-error.ts';
import { callKeyOf } from '../../src/runtime/call-key.ts';
import { StoreUnavailable } from '../../src/runtime/call-store.ts';
import { startReconciler } from '../../src/runtime/reconciler.ts';
import { createReconciliation, type ReconcilerWork } from '../../src/runtime/reconciler-work.ts';
import { createRoomCensus } from '../../src/runtime/room-census.ts';
import type { RoomInfo } from '../../src/runtime/rooms.ts';
import { createVirtualClock, type VirtualClock } from '../support/virtual-clock.ts';

const rooms = ['r1', 'r2', 'r3', 'r4', 'r5', 'r6'];
/** In the first look all, then none. */
const listed = (look: number) => (look === 0 ? rooms : []);
const callerIn = (room: string) => ({
  kind: 'sip',
  sid: `PA_${room}`,
  identity: `sip_${room}`,
  state: 'active',
  attributes: { 'sip.callID': room },
});

test.each([
  ['R10.1 callers who are all gone from the lists of one LiveKit have vanished', ['one', 'one', 'one'], true],
  ['R7.2 those who are at another LiveKit than the one that is listed now have not', ['one', 'two', 'two'], false],
])('%s', async (_, hosts, vanished) => {
  const clock = createVirtualClock(0);
  let at = 0;
  const reconciliation = createReconciliation({
    rooms: {
      list: async () => listed(at).map((name) => ({ name })),
      participants: async (room: string) => [callerIn(room)],
    },
    census: createRoomCensus(clock),
    store: {
      list: async () => rooms.map((room) => ({ callKey: callKeyOf(room, room), room, epoch: 1, hasRecord: true })),
    },
    alone: onlyInstance,
    roomPrefix: 'r',
    hostNow: () => hosts[at]!,
    clock,
    looked: () => undefined,
  } as unknown as ReconcilerWork);
  let seen = await reconciliation.look(blankMemory);
  for (at = 1; at < 3; at += 1) {
    await clock.advance(2000); // oxlint-disable-line no-await-in-loop
    seen = await reconciliation.look(seen.memory); // oxlint-disable-line no-await-in-loop
  }
  expect(seen.vanished).toBe(vanished);
});

/** Looks into a room that had no call when LiveKit was asked, and whose server answers each look so. */
async function clearedAfter(
  answers: readonly ('ok' | 'unavailable' | 'refused')[],
  callsIn: (did: readonly string[]) => readonly string[] = () => [],
) {
  const clock = createVirtualClock(0);
  const census = createRoomCensus(clock);
  census.see([{ name: 'r1' } as RoomInfo]);
  const did: string[] = [];
  let looks = 0;
  const work = {
    rooms: {
      send: async () => {
        const answer = answers[looks++]!;
        const failure = { vendor: 'livekit', phase: 'rest', class: 'api', retryable: true, message: answer } as const;
        if (answer !== 'ok') throw new ControlError('unavailable', { ...failure, vendorCode: answer });
      },
      create: async () => void did.push('created'),
      delete: async () => void did.push('deleted'),
    },
    census,
    store: { openIn: async () => callsIn(did) },
    repaired: (kind: string, about: string) => did.push(`${kind} ${about}`),
    hostNow: () => 'one',
  } as unknown as ReconcilerWork;
  const { clear } = createReconciliation(work);
  for (const _ of answers) await clear('r1'); // oxlint-disable-line no-await-in-loop
  return { did, isGhost: census.isGhost('r1') };
}

test('R9.5 a room whose server gave no answer in two looks in a row is a ghost, and is ended', async () => {
  const ended = { did: ['created', 'deleted', 'ghost r1'], isGhost: true };
  expect(await clearedAfter(['unavailable', 'unavailable'])).toEqual(ended);
});

test('R9.5 a room is not ended because its server once gave no answer', async () => {
  const goesOn = { did: [], isGhost: false };
  expect(await clearedAfter(['unavailable'])).toEqual(goesOn);
  expect(await clearedAfter(['unavailable', 'ok', 'unavailable'])).toEqual(goesOn);
  expect(await clearedAfter(['refused', 'refused'])).toEqual(goesOn);
});

test('R9.5 a room in which a call has begun meanwhile is no ghost, and is counted and listed as before', async () => {
  const silent = ['unavailable', 'unavailable'] as const;
  expect(await clearedAfter(silent, () => ['r1~a'])).toEqual({ did: [], isGhost: false });
  expect(await clearedAfter(silent, (did) => (did.includes('created') ? ['r1~a'] : []))).toEqual({
    did: ['created'],
    isGhost: false,
  });
});

const nothing = () => undefined;

/** By the machine, for so long. */
async function reconciled(reconciliation: Reconciliation, clock: VirtualClock, forMs: number): Promise<void> {
  const machine = createReconciler({
    compareRooms: compareRooms(reconciliation, clock),
    repairCalls: repairCalls(reconciliation, clock),
    clearRooms: clearRooms(reconciliation, clock),
  });
  const { close } = startReconciler({
    machine,
    clock,
    alerts: { raise: nothing, resolve: nothing },
    log: { error: nothing },
  });
  await clock.advance(forMs);
  close();
}

const full = () => Promise.reject(new StoreUnavailable('full', 'no room'));

/** LiveKit has a caller in a room, with nobody to talk to; there is room for him after twenty seconds. */
async function servedAfterRoom(calls: readonly string[]): Promise<number> {
  const clock = createVirtualClock(0);
  const roomAgainAt = 20_000;
  let servedAt = Infinity;
  const serve = () => void (servedAt = Math.min(servedAt, clock.now()));
  const whenRoom = async <Answer>(answer: Answer, whileFull: () => Promise<Answer>): Promise<Answer> => {
    if (clock.now() < roomAgainAt) return whileFull();
    serve();
    return answer;
  };
  const reconciliation = createReconciliation({
    rooms: { list: async () => [{ name: 'r1' }], participants: async (room: string) => [callerIn(room)] },
    census: createRoomCensus(clock),
    store: { list: async () => calls.map((callKey) => ({ callKey, room: 'r1', epoch: 0, hasRecord: false })) },
    intake: { receive: () => whenRoom('stored', full) },
    queue: { enqueue: () => whenRoom('queued', async () => 'full') },
    alone: onlyInstance,
    roomPrefix: 'r',
    hostNow: () => 'one',
    clock,
    looked: () => undefined,
    repaired: () => undefined,
  } as unknown as ReconcilerWork);
  await reconciled(reconciliation, clock, 40_000);
  return servedAt - roomAgainAt;
}

test.each([
  ['nobody told of, in a store that was full', []],
  ['whose call waits for nobody, in a queue that was full', [callKeyOf('r1', 'r1')]],
])('R10.1 a caller %s, is served within two looks of there being room again', async (_, calls) => {
  expect(await servedAfterRoom(calls)).toBeLessThanOrEqual(4_000);
});

test('R10.1 a call whose lost caller could not be told of is told of him again', async () => {
  const clock = createVirtualClock(0);
  let told = 0;
  const reconciliation = createReconciliation({
    rooms: { list: async () => [] },
    census: createRoomCensus(clock),
    store: {
      list: async () => [{ callKey: callKeyOf('r1', 'r1'), room: 'r1', epoch: 1, hasRecord: false }],
      load: async () => undefined,
      mail: async () => {
        told += 1;
        return full();
      },
    },
    alone: onlyInstance,
    roomPrefix: 'r',
    hostNow: () => 'one',
    clock,
    looked: () => undefined,
  } as unknown as ReconcilerWork);
  await reconciled(reconciliation, clock, 40_000);
  expect(told).toBeGreaterThan(1);
});
