import { randomBytes } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import { guardRooms, type GuardedRooms } from '../../../src/runtime/guarded-rooms.ts';
import type { Rooms } from '../../../src/runtime/rooms.ts';

/** Somebody in a room, with one audio track called `voice`, who hears the tracks of others. */
export interface Guest {
  readonly trackSid: string;
  /** Data that came, as text, with its topic. */
  received(): readonly string[];
  /** How often they were given this track to hear: an end is told late, or not at all. */
  timesHeard(trackSid: string): number;
  isPresent(): boolean;
}

export interface RoomsWorld {
  readonly rooms: Rooms;
  enter(room: string, identity: string): Promise<Guest>;
  /** Ends everybody who entered, and what is behind it. */
  end(): Promise<void>;
}

const limits = { rooms: 100_000, participants: 1_000_000 };
const longAgoMs = Date.UTC(2020);
const bytes = new TextEncoder().encode('hello');

/** What every `Rooms` must do, behind its guard. */
export function roomsContract(name: string, open: () => Promise<RoomsWorld>): void {
  const opened = async () => {
    const world = await open();
    const rooms = guardRooms({ rooms: world.rooms, limits });
    const room = `rooms-${randomBytes(6).toString('hex')}`;
    onTestFinished(async () => {
      await rooms.delete(room).catch(() => undefined);
      await world.end();
    });
    return { world, rooms, room };
  };
  const withGuest = async () => {
    const opening = await opened();
    await opening.rooms.create({ name: opening.room, maxParticipants: 5 });
    return { ...opening, guest: await opening.world.enter(opening.room, 'guest') };
  };

  describe(`${name} as Rooms`, () => {
    test('R2.1 R2.2 a room is made with what was asked, and 300 s and 20 s when nothing was', async () => {
      const { rooms, room } = await opened();
      const metadata = { tenant: 1, name: 'Отель Линдау' };
      const made = await rooms.create({ name: room, maxParticipants: 7, metadata });
      expect(made).toEqual({
        name: room,
        sid: expect.stringMatching(/^RM_/),
        metadata: JSON.stringify(metadata),
        createdAtMs: expect.any(Number),
        emptyTimeoutMs: 300_000,
        departureTimeoutMs: 20_000,
        maxParticipants: 7,
        participants: 0,
      });
      if (made.createdAtMs !== 0) expect(made.createdAtMs).toBeGreaterThan(longAgoMs);
      expect(await rooms.list([room])).toEqual([made]);
      expect((await rooms.list()).map((each) => each.name)).toContain(room);
    });

    test('R2.1 one that is there already is given as it is', async () => {
      const { rooms, room } = await opened();
      const first = await rooms.create({ name: room, maxParticipants: 7 });
      const again = { emptyTimeoutMs: 60_000, departureTimeoutMs: 5000, maxParticipants: 3, metadata: { a: 1 } };
      expect(await rooms.create({ name: room, ...again })).toEqual(first);
    });

    test('R2.2 metadata of 512 KiB and a name of 256 bytes are taken', async () => {
      const { rooms, room } = await opened();
      const name = `${room}${'x'.repeat(256 - room.length)}`;
      const metadata = { text: 'x'.repeat(512 * 1024 - '{"text":""}'.length) };
      const made = await rooms.create({ name, maxParticipants: 1, metadata });
      expect([made.name.length, made.metadata.length]).toEqual([256, 524_288]);
      await rooms.delete(name);
      expect(await rooms.list([name])).toEqual([]);
    });

    test('R9.5 with as many rooms open as there may be, one more is refused', async () => {
      const { world, rooms, room } = await opened();
      await rooms.create({ name: room, maxParticipants: 1 });
      const full = guardRooms({ rooms: world.rooms, limits: { ...limits, rooms: 1 } });
      await expect(full.create({ name: `${room}-2`, maxParticipants: 1 })).rejects.toMatchObject({
        code: 'limit',
        failure: { retryable: true, message: expect.stringMatching(/no room is left: \d+ of 1 are open/) },
      });
      const crowded = guardRooms({ rooms: world.rooms, limits: { ...limits, participants: 1 } });
      await expect(crowded.create({ name: `${room}-2`, maxParticipants: 1 })).rejects.toMatchObject({ code: 'limit' });
      expect(await rooms.list([`${room}-2`])).toEqual([]);
    });

    test('R9.5 of six at once no more are made than there is place for', async () => {
      const { world, rooms, room } = await opened();
      const most = (await rooms.list()).length + 2;
      const full = guardRooms({ rooms: world.rooms, limits: { ...limits, rooms: most } });
      const names = Array.from({ length: 6 }, (_, at) => `${room}-${at}`);
      const made = await Promise.allSettled(names.map((name) => full.create({ name, maxParticipants: 1 })));
      onTestFinished(async () => void (await Promise.allSettled(names.map((name) => rooms.delete(name)))));
      const refused = made.flatMap((each) => (each.status === 'rejected' ? [each.reason.code] : []));
      expect((await rooms.list()).length).toBeLessThanOrEqual(most);
      // A room of another test may have gone meanwhile.
      expect(refused.length).toBeGreaterThan(0);
      expect(new Set(refused)).toEqual(new Set(['limit']));
    });

    test('R2.3 who is in a room is listed, found, changed and put out', async () => {
      const { rooms, room, guest } = await withGuest();
      const track = { sid: guest.trackSid, name: 'voice', kind: 'audio', source: 'microphone', muted: false };
      const there = { identity: 'guest', kind: 'standard', state: 'active', tracks: [track] };
      await expect.poll(() => rooms.participants(room)).toMatchObject([there]);
      const [found] = await rooms.participants(room);
      expect(found?.sid).toMatch(/^PA_/);
      expect(await rooms.participant(room, 'guest')).toEqual(found);
      const change = { name: 'Гость', metadata: { seat: 3 }, attributes: { a: '1', b: '2' } };
      expect(await rooms.update(room, 'guest', change)).toMatchObject({ ...change, metadata: '{"seat":3}' });
      const { attributes } = await rooms.update(room, 'guest', { attributes: { a: '', c: '3' } });
      expect(attributes).toEqual({ b: '2', c: '3' });
      await rooms.remove(room, 'guest');
      await expect.poll(() => guest.isPresent()).toBe(false);
    });

    test('R2.3 taking one right away leaves the others', async () => {
      const { rooms, room } = await withGuest();
      const { permissions } = await rooms.participant(room, 'guest');
      const one = await rooms.update(room, 'guest', { permissions: { canPublish: false } });
      expect(one.permissions).toEqual({ ...permissions, canPublish: false });
      const sources = ['microphone'] as ['microphone'];
      const two = await rooms.update(room, 'guest', { permissions: { canPublish: true, canPublishSources: sources } });
      expect(two.permissions).toEqual({ ...permissions, canPublishSources: sources });
      const three = await rooms.update(room, 'guest', {
        permissions: { canPublishData: false, canUpdateMetadata: true },
      });
      expect(three.permissions).toEqual({
        ...permissions,
        canPublishSources: sources,
        canPublishData: false,
        canUpdateMetadata: true,
      });
    });

    test('R2.4 a track is muted; unmuting is refused with the reason', async () => {
      const { rooms, room, guest } = await withGuest();
      expect(await rooms.mute(room, 'guest', guest.trackSid, true)).toMatchObject({ sid: guest.trackSid, muted: true });
      await expect.poll(() => rooms.participant(room, 'guest')).toMatchObject({ tracks: [{ muted: true }] });
      await expect(rooms.mute(room, 'guest', guest.trackSid, false)).rejects.toMatchObject({
        code: 'refused',
        failure: { retryable: false, message: expect.stringContaining('room.enable_remote_unmute') },
      });
    });

    test('R2.4 who hears which track is changed, and data reaches those it is for', async () => {
      const { world, rooms, room, guest } = await withGuest();
      const other = await world.enter(room, 'other');
      await expect.poll(() => guest.timesHeard(other.trackSid)).toBe(1);
      // Both at once may come to nothing.
      const again = async () => {
        await rooms.subscribe(room, 'guest', [other.trackSid], false);
        await rooms.subscribe(room, 'guest', [other.trackSid], true);
        return guest.timesHeard(other.trackSid);
      };
      await expect.poll(again, { interval: 200 }).toBeGreaterThan(1);
      await rooms.send(room, { bytes, topic: 'one', to: ['guest'] });
      await rooms.send(room, { bytes, topic: 'all' });
      await expect.poll(() => other.received()).toEqual(['all: hello']);
      await expect.poll(() => guest.received()).toEqual(['one: hello', 'all: hello']);
    });

    test('R2.4 what is not there is said so, whatever was asked of it', async () => {
      const { rooms, room } = await withGuest();
      const asked = [
        ...unknown(rooms, room, 'nobody'),
        ...unknown(rooms, `${room}-none`, 'guest'),
        rooms.delete(`${room}-none`),
        rooms.send(`${room}-none`, { bytes }),
        rooms.mute(room, 'guest', 'TR_none', true),
      ];
      const codes = (await Promise.allSettled(asked)).map((each) =>
        each.status === 'rejected' ? each.reason.code : 'done',
      );
      expect(codes).toEqual(asked.map(() => 'not_found'));
      expect(await rooms.list([`${room}-none`])).toEqual([]);
    });
  });
}

const unknown = (rooms: GuardedRooms, room: string, identity: string): Promise<unknown>[] => [
  rooms.participant(room, identity),
  rooms.remove(room, identity),
  rooms.update(room, identity, { name: 'x' }),
  rooms.update(room, identity, { permissions: { canPublish: false } }),
  rooms.mute(room, identity, 'TR_1', true),
  rooms.subscribe(room, identity, ['TR_1'], true),
];
