import { describe, expect, test } from 'vitest';
import { blankMemory, type SweepMemory } from '../../src/actors/reconcile.ts';
import { compare, mostLooks, roomsToLookInto } from '../../src/runtime/reconciler-compare.ts';
import { callKeyOf } from '../../src/runtime/call-key.ts';
import type { ParticipantSummary } from '../../src/runtime/rooms.ts';

const someone = (kind: ParticipantSummary['kind'], name: string, more: Partial<ParticipantSummary> = {}) =>
  ({ kind, sid: `PA_${name}`, identity: name, state: 'active', attributes: {}, ...more }) as ParticipantSummary;
const phone = (room: string) => someone('sip', `sip_${room}`, { attributes: { 'sip.callID': `SCL_${room}` } });
const bot = someone('agent', 'agent-1');
const callIn = (room: string) => ({ callKey: callKeyOf(room, `SCL_${room}`), room, epoch: 1, hasRecord: true });

interface World {
  readonly rooms: Readonly<Record<string, readonly ParticipantSummary[] | undefined>>;
  readonly calls?: readonly string[];
}

/** Looks one after another, 2 s apart; a room without an answer says nothing. */
function looks(worlds: readonly World[], from: SweepMemory = blankMemory, startMs = 0) {
  let memory = from;
  return worlds.map(({ rooms, calls = [] }, at) => {
    const people = new Map(Object.entries(rooms).flatMap(([room, who]) => (who ? [[room, who] as const] : [])));
    const names = Object.keys(rooms);
    const found = { now: startMs + at * 2000, rooms: names, people, calls: calls.map(callIn) };
    const comparison = compare(found, memory);
    memory = comparison.memory;
    return comparison;
  });
}

const times = (count: number, world: World): World[] => Array.from({ length: count }, () => world);
const repairs = (all: ReturnType<typeof looks>) =>
  all.flatMap((each, look) =>
    each.repairs.map(
      (repair) => `${look}: ${repair.kind} ${repair.kind === 'join' ? repair.caller.sid : repair.callKey}`,
    ),
  );

describe('what LiveKit has and we have not', () => {
  test('R10.1 a caller nobody told of is found in the second look, and then ever more seldom', () => {
    expect(repairs(looks(times(16, { rooms: { r: [phone('r')] } })))).toEqual(
      [1, 3, 7, 15].map((look) => `${look}: join PA_sip_r`),
    );
  });

  test.each([
    ['has a call', { rooms: { r: [phone('r'), bot] }, calls: ['r'] }],
    ['is not there yet', { rooms: { r: [{ ...phone('r'), state: 'joined' as const }] } }],
    ['is an agent', { rooms: { r: [bot] } }],
    ['only watches', { rooms: { r: [someone('standard', 'viewer')] } }],
    ['is in a room that gave no answer', { rooms: { r: undefined } }],
  ])('R10.3 who %s is no such caller', (_, world) => {
    expect(repairs(looks(times(4, world)))).toEqual([]);
  });

  test('R10.1 a caller whose call nobody runs is found', () => {
    const lonely = looks(times(3, { rooms: { r: [phone('r')] }, calls: ['r'] }));
    expect(repairs(lonely)).toEqual(['1: unserved r~SCL_r']);
  });
});

const many = (count: number) => Array.from({ length: count }, (_, at) => `r${at}`);
const full = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, [phone(name), bot]]));

describe('what we have and LiveKit has not', () => {
  const there = { rooms: { r: [phone('r'), bot] }, calls: ['r'] };
  test.each([
    ['out of the room', { rooms: { r: [bot] }, calls: ['r'] }],
    ['gone with the room', { rooms: {}, calls: ['r'] }],
  ])('R10.1 a caller who is %s for 15 s is told to the call, once', (_, gone) => {
    expect(repairs(looks([there, ...times(30, gone)]))).toEqual(['9: unlisted r~SCL_r']);
  });

  test('R10.1 one who is back in between is not', () => {
    const gone = times(7, { rooms: {}, calls: ['r'] });
    expect(repairs(looks([there, ...gone, there, ...gone]))).toEqual([]);
  });

  test('R10.1 a room that gives no answer is no empty one', () => {
    const silent = { rooms: { r: undefined }, calls: ['r'] };
    expect(repairs(looks([there, ...times(30, silent)]))).toEqual([]);
  });

  test('R9.3 after an outage everybody has 40 s to come back', () => {
    const memory = { ...blankMemory, there: { 'r~SCL_r': 1 }, troubledAt: 0 };
    expect(repairs(looks(times(30, { rooms: {}, calls: ['r'] }), memory))).toEqual(['20: unlisted r~SCL_r']);
  });

  test.each([
    [5, 24, true],
    [5, 25, false],
    [4, 4, false],
  ])('R10.1 %i callers of %i who vanish at once: the lists are doubted: %s', (gone, of, doubted) => {
    const calls = many(of);
    const [, first, second, ...later] = looks([
      { rooms: full(calls), calls },
      ...times(20, { rooms: full(calls.slice(gone)), calls }),
    ]);
    expect([first?.vanished, second?.vanished]).toEqual([false, doubted]);
    expect(repairs(later).length).toBe(doubted ? 0 : gone);
  });

  test('R10.1 calls to telephones that still ring are not missed', () => {
    const calls = many(10);
    expect(looks(times(5, { rooms: {}, calls })).some(({ vanished }) => vanished)).toBe(false);
  });
});

describe('rooms without a call', () => {
  test('R9.5 are looked at more closely after a while, then ever more seldom', () => {
    const idle = looks(times(40, { rooms: { r: [] } })).flatMap((each, look) => each.idle.map(() => look));
    expect(idle).toEqual([3, 7, 15, 31]);
  });

  test('R9.5 are none while a call is in them', () => {
    const idle = looks([...times(3, { rooms: { r: [] } }), ...times(9, { rooms: { r: [bot] }, calls: ['r'] })]);
    expect(idle.flatMap((each) => each.idle)).toEqual([]);
  });
});

describe('which rooms are looked into', () => {
  const names = Array.from({ length: 100 }, (_, at) => `r${at}`);
  test('R10.1 no more than twenty at once, each in its turn', () => {
    let memory: SweepMemory = { ...blankMemory, idle: Object.fromEntries(names.map((name) => [name, 9])) };
    const looked = new Set<string>();
    for (let now = 1; now <= 5; now += 1) {
      const chosen = roomsToLookInto(names, [], memory);
      expect(chosen.length).toBe(mostLooks);
      chosen.forEach((room) => looked.add(room));
      memory = {
        ...memory,
        lookedAt: { ...memory.lookedAt, ...Object.fromEntries(chosen.map((room) => [room, now])) },
      };
    }
    expect(looked.size).toBe(100);
  });

  test('R10.1 new ones, and those where something is wrong, first', () => {
    const lookedAt = Object.fromEntries(names.slice(1).map((name, at) => [name, at + 1]));
    const idle = Object.fromEntries(names.map((name) => [name, 9]));
    const memory = { ...blankMemory, lookedAt, idle, unserved: { 'r99~SCL_r99': 1 } };
    expect(roomsToLookInto(names, [callIn('r99')], memory)).toEqual(expect.arrayContaining(['r0', 'r99', 'r1', 'r2']));
  });
});
