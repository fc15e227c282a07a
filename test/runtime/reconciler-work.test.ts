import { expect, test } from 'vitest';
import { blankMemory } from '../../src/actors/reconcile.ts';
import { onlyInstance } from '../../src/runtime/alone.ts';
import { ControlError } from '../../src/runtime/control-error.ts';
import { callKeyOf } from '../../src/runtime/call-key.ts';
import { createReconciliation, type ReconcilerWork } from '../../src/runtime/reconciler-work.ts';
import { createRoomCensus } from '../../src/runtime/room-census.ts';
import type { RoomInfo } from '../../src/runtime/rooms.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

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
