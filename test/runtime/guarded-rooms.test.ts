import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { guardRooms } from '../../src/runtime/guarded-rooms.ts';
import { createRoomGate } from '../../src/runtime/room-admission.ts';
import { createRoomCensus } from '../../src/runtime/room-census.ts';
import { roomsContract } from '../support/contracts/rooms.ts';
import { createFakeRooms } from '../support/fakes/fake-rooms.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

roomsContract('the fake', async () => {
  const { rooms, enter } = createFakeRooms();
  return {
    rooms,
    async enter(room, identity) {
      const guest = enter(room, identity);
      return {
        trackSid: guest.summary.tracks[0]!.sid,
        received: () => guest.received.map(({ topic, bytes }) => `${topic}: ${textOf(bytes)}`),
        timesHeard: (trackSid) => guest.heard.filter((sid) => sid === trackSid).length,
        isPresent: () => guest.present,
      };
    },
    end: async () => undefined,
  };
});

const limits = { rooms: 3, participants: 20 };

function guarded(metadata?: Parameters<typeof guardRooms>[0]['metadata']) {
  const fake = createFakeRooms();
  // What comes from outside has no types.
  const rooms = guardRooms({ rooms: fake.rooms, limits, ...(metadata && { metadata }) }) as unknown as Record<
    string,
    (...args: unknown[]) => Promise<unknown>
  >;
  return { rooms, asked: fake.asked };
}

const circle: Record<string, unknown> = {};
circle['self'] = circle;
const deep = JSON.parse(`{"a":${'['.repeat(5000)}${']'.repeat(5000)}}`);
const room = (more: object) => ({ name: 'room', maxParticipants: 1, ...more });
const bytes = new Uint8Array([1]);

describe('what LiveKit never sees', () => {
  test.each<[string, string, readonly unknown[], string, RegExp]>([
    ['no room', 'create', [undefined], 'room', /must be an object/],
    ['null for a room', 'create', [null], 'room', /must be an object/],
    ['a list for a room', 'create', [[]], 'room', /must be an object/],
    ['no name', 'create', [{ maxParticipants: 1 }], 'room.name', /must be text/],
    ['a number for a name', 'create', [room({ name: 7 })], 'room.name', /must be text/],
    ['an empty name', 'create', [room({ name: '' })], 'room.name', /must not be empty/],
    ['a name of 257 bytes', 'create', [room({ name: 'x'.repeat(257) })], 'room.name', /at most 256 bytes/],
    [
      'a name of 129 letters of two bytes',
      'create',
      [room({ name: 'ж'.repeat(129) })],
      'room.name',
      /at most 256 bytes/,
    ],
    ['a name with a space at its end', 'create', [room({ name: 'room ' })], 'room.name', /space/],
    ['a name that is turned around', 'create', [room({ name: 'a\u202eb' })], 'room.name', /invisible/],
    ['a name with nothing to see in it', 'create', [room({ name: 'ro\u200bom' })], 'room.name', /invisible/],
    ['a name with a zero byte', 'create', [room({ name: 'ro\u0000om' })], 'room.name', /control/],
    ['half a character', 'create', [room({ name: 'ro\ud800om' })], 'room.name', /control/],
    ['a name that is written in another way', 'create', [room({ name: 'cafe\u0301' })], 'room.name', /NFC/],
    ['null for a limit', 'create', [room({ maxParticipants: null })], 'room.maxParticipants', /whole number/],
    ['no participants', 'create', [room({ maxParticipants: 0 })], 'room.maxParticipants', /at least 1/],
    ['half a participant', 'create', [room({ maxParticipants: 1.5 })], 'room.maxParticipants', /whole number/],
    ['0 for a timeout', 'create', [room({ emptyTimeoutMs: 0 })], 'room.emptyTimeoutMs', /at least 1000/],
    [
      'a timeout of half a second',
      'create',
      [room({ departureTimeoutMs: 1500 })],
      'room.departureTimeoutMs',
      /whole seconds/,
    ],
    ['a timeout in words', 'create', [room({ emptyTimeoutMs: '300' })], 'room.emptyTimeoutMs', /whole number/],
    ['a setting nobody knows', 'create', [room({ colour: 'red' })], 'room', /colour/],
    ['metadata that is text', 'create', [room({ metadata: '{}' })], 'room.metadata', /must be an object/],
    ['metadata that is a list', 'create', [room({ metadata: [] })], 'room.metadata', /must be an object/],
    ['null for metadata', 'create', [room({ metadata: null })], 'room.metadata', /must be an object/],
    [
      'metadata of 512 KiB and 1',
      'create',
      [room({ metadata: { a: 'x'.repeat(524_281) } })],
      'room.metadata',
      /524288 bytes/,
    ],
    ['metadata with a date', 'create', [room({ metadata: { a: new Date(0) } })], 'room.metadata', /plain JSON/],
    ['metadata with NaN', 'create', [room({ metadata: { a: Number.NaN } })], 'room.metadata', /plain JSON/],
    ['metadata that is a circle', 'create', [room({ metadata: circle })], 'room.metadata', /plain JSON/],
    ['a room that is no name', 'delete', [{}], 'room', /must be text/],
    ['null for a room to look into', 'participants', [null], 'room', /must be text/],
    ['no identity', 'participant', ['room'], 'identity', /must be text/],
    ['an identity of 257 bytes', 'remove', ['room', 'x'.repeat(257)], 'identity', /256 bytes/],
    ['a change of nothing', 'update', ['room', 'one', {}], 'change', /must change something/],
    ['a name that would be no change', 'update', ['room', 'one', { name: '' }], 'change.name', /must not be empty/],
    ['a name that is turned around', 'update', ['room', 'one', { name: 'a\u202eb' }], 'change.name', /turn/],
    [
      'an attribute that is a number',
      'update',
      ['room', 'one', { attributes: { a: 1 } }],
      'change.attributes.a',
      /text/,
    ],
    [
      '64 kB of attributes',
      'update',
      ['room', 'one', { attributes: { a: 'x'.repeat(64_000) } }],
      'change.attributes',
      /64000 bytes/,
    ],
    [
      'a right in words',
      'update',
      ['room', 'one', { permissions: { canPublish: 'no' } }],
      'change.permissions.canPublish',
      /true or false/,
    ],
    [
      'a right nobody knows',
      'update',
      ['room', 'one', { permissions: { canFly: true } }],
      'change.permissions',
      /canFly/,
    ],
    [
      'a source nobody knows',
      'update',
      ['room', 'one', { permissions: { canPublishSources: ['eye'] } }],
      'change.permissions.canPublishSources.0',
      /camera, microphone/,
    ],
    ['muted in words', 'mute', ['room', 'one', 'TR_1', 'yes'], 'muted', /true or false/],
    ['no tracks', 'subscribe', ['room', 'one', [], true], 'trackSids', /must not be empty/],
    ['one track that is no list', 'subscribe', ['room', 'one', 'TR_1', true], 'trackSids', /must be a list/],
    ['data that is text', 'send', ['room', { bytes: 'hello' }], 'message.bytes', /must be bytes/],
    ['data of 15,001 bytes', 'send', ['room', { bytes: new Uint8Array(15_001) }], 'message.bytes', /15000/],
    ['data for nobody', 'send', ['room', { bytes, to: [] }], 'message.to', /must name somebody/],
    ['1,001 names at once', 'list', [Array.from({ length: 1001 }, (_, at) => `room-${at}`)], 'names', /at most 1000/],
  ])('%s: %s says which field, and what is allowed', async (_, method, args, field, message) => {
    const { rooms, asked } = guarded();
    await expect(rooms[method]!(...args)).rejects.toMatchObject({
      name: 'ControlError',
      code: 'invalid',
      field,
      maybeDone: false,
      failure: { class: 'api', retryable: false, message: expect.stringMatching(message) },
    });
    expect(asked).toEqual([]);
  });

  test('metadata of any depth is taken or refused, and never breaks', async () => {
    const { rooms } = guarded();
    const outcome = await rooms['create']!(room({ metadata: deep })).then(
      () => 'taken',
      ({ code }: { code: string }) => code,
    );
    expect(['taken', 'invalid']).toContain(outcome);
  });

  test('metadata is held against the schema of the deployment', async () => {
    const schema = z.strictObject({ tenant: z.int() }) as unknown as NonNullable<Parameters<typeof guarded>[0]>;
    const { rooms } = guarded(schema);
    expect(await rooms['create']!(room({ metadata: { tenant: 1 } }))).toMatchObject({ metadata: '{"tenant":1}' });
    await expect(rooms['create']!(room({ metadata: { tenant: 'x' } }))).rejects.toMatchObject({
      code: 'invalid',
      field: 'room.metadata.tenant',
    });
  });

  test('names that only look odd are taken', async () => {
    const { rooms } = guarded();
    expect(await rooms['create']!(room({ name: 'voice-ai-call_+49 Ж 漢 🏨' }))).toMatchObject({ maxParticipants: 1 });
  });
});

const make = (rooms: ReturnType<typeof guarded>['rooms'], name: string, maxParticipants = 1) =>
  rooms['create']!({ name, maxParticipants });

describe('admission', () => {
  test('one room too many is refused, and taken once there is place', async () => {
    const { rooms } = guarded();
    for (const name of ['a', 'b', 'c']) await make(rooms, name);
    await expect(make(rooms, 'd')).rejects.toMatchObject({
      code: 'limit',
      maybeDone: false,
      failure: { sub: 'quota', retryable: true, message: 'no room is left: 3 of 3 are open' },
    });
    expect(await make(rooms, 'c', 2)).toMatchObject({ name: 'c', maxParticipants: 1 });
    await rooms['delete']!('a');
    expect(await make(rooms, 'd')).toMatchObject({ name: 'd' });
  });

  test('places in all rooms together are counted', async () => {
    const { rooms } = guarded();
    await make(rooms, 'a', 12);
    await expect(make(rooms, 'b', 9)).rejects.toMatchObject({
      code: 'limit',
      failure: { message: '12 of 20 places are taken, and 9 more are asked for' },
    });
    expect(await make(rooms, 'b', 8)).toMatchObject({ maxParticipants: 8 });
  });

  test('of many at once no more are let in than there is place for', async () => {
    const { rooms } = guarded();
    const made = await Promise.allSettled(Array.from({ length: 10 }, (_, at) => make(rooms, `room-${at}`)));
    expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    expect(await rooms['list']!()).toHaveLength(3);
  });

  test('who comes while a hundred wait is refused at once', async () => {
    const { rooms } = guarded();
    const made = await Promise.allSettled(Array.from({ length: 101 }, (_, at) => make(rooms, `room-${at}`)));
    expect(made[100]).toMatchObject({ reason: { code: 'limit', message: '100 rooms are being made already' } });
    expect(made[99]).toMatchObject({ reason: { message: 'no room is left: 3 of 3 are open' } });
  });
});

const gateOf = async (count: number, limits: { readonly rooms: number; readonly participants: number }) => {
  const { rooms } = createFakeRooms();
  const admit = guardRooms({ rooms, limits: { rooms: 100, participants: 100 } });
  for (let number = 1; number <= count; number += 1)
    // oxlint-disable-next-line no-await-in-loop
    await admit.create({ name: `r${number}`, maxParticipants: 2 });
  const clock = createVirtualClock();
  const census = createRoomCensus(clock);
  census.see(await rooms.list());
  return Object.assign(createRoomGate(census, limits, clock), { clock, census, rooms });
};

describe('R9.5 the gate of rooms that calls make', () => {
  test('lets in while there is place, says why not, and never counts a room against itself', async () => {
    const gate = await gateOf(3, { rooms: 3, participants: 20 });
    expect(await gate('r4')).toBe('no room is left: 3 of 3 are open');
    expect(await gate('r3')).toBeUndefined();
    expect(await (await gateOf(3, { rooms: 9, participants: 7 }))('r4')).toBe(
      '6 of 7 places are taken, and 2 more are asked for',
    );
  });

  test('of two who come at once for the last place one is let in; a place nobody came to take is free again', async () => {
    const gate = await gateOf(2, { rooms: 3, participants: 20 });
    const both = await Promise.all([gate('r3'), gate('r4')]);
    expect(both).toEqual([undefined, 'no room is left: 3 of 3 are open']);
    expect(await gate('r3')).toBeUndefined();
    await gate.clock.advance(10_000);
    expect(await gate('r4')).toBeUndefined();
  });

  test('a room that a dead server left behind takes no place, until it is listed again after it was gone', async () => {
    const gate = await gateOf(3, { rooms: 3, participants: 20 });
    for (let look = 0; look < 2; look += 1) gate.census.asked('r1', false);
    expect(await gate('r4')).toBeUndefined();
    const listed = await gate.rooms.list();
    gate.census.see([]);
    gate.census.see(listed);
    expect(await gate('r5')).toBe('no room is left: 4 of 3 are open');
  });

  test('lets in while nobody could say for a while how many there are', async () => {
    const gate = await gateOf(3, { rooms: 3, participants: 20 });
    await gate.clock.advance(14_999);
    expect(await gate('r4')).toBe('no room is left: 3 of 3 are open');
    await gate.clock.advance(1);
    expect(await gate('r4')).toBeUndefined();
  });
});
