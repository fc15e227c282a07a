import type { z } from 'zod';
import type { MetadataSchema } from '../fields.ts';
import { type AdmissionOptions, createAdmission, type RoomLimits } from './room-admission.ts';
import { read, type RoomSchemas, roomSchemas } from './room-input.ts';
import type { Rooms } from './rooms.ts';

export interface GuardedRoomsOptions extends AdmissionOptions {
  readonly rooms: Rooms;
  readonly limits: RoomLimits;
  /** What the metadata of our rooms may hold, if not just any object. */
  readonly metadata?: MetadataSchema;
}

/** Rooms for who may ask for anything: metadata is given as an object, and what is left out of a room is 300 s, 20 s, 20 places and `{}`. */
export interface GuardedRooms extends Omit<Rooms, 'create' | 'update'> {
  create(room: z.input<RoomSchemas['create']>): ReturnType<Rooms['create']>;
  update(room: string, identity: string, change: z.input<RoomSchemas['change']>): ReturnType<Rooms['update']>;
}

/** Reads what is asked for before LiveKit sees it, and lets no more rooms be made than there may be. */
export function guardRooms({ rooms, limits, metadata, ...admission }: GuardedRoomsOptions): GuardedRooms {
  const schemas = roomSchemas(metadata);
  const admit = createAdmission(rooms, limits, admission);
  const one = (what: string, given: unknown) => read(schemas.one, given, what);

  return {
    create: async (room) => {
      const request = read(schemas.create, room, 'room');
      return admit({ ...request, metadata: JSON.stringify(request.metadata) });
    },
    list: async (names) => rooms.list(names === undefined ? names : read(schemas.some, names, 'names')),
    delete: async (room) => rooms.delete(one('room', room)),
    participants: async (room) => rooms.participants(one('room', room)),
    participant: async (room, identity) => rooms.participant(one('room', room), one('identity', identity)),
    remove: async (room, identity) => rooms.remove(one('room', room), one('identity', identity)),
    update: async (room, identity, change) => {
      const { metadata, ...others } = read(schemas.change, change, 'change');
      const text = metadata === undefined ? {} : { metadata: JSON.stringify(metadata) };
      return rooms.update(one('room', room), one('identity', identity), { ...others, ...text });
    },
    mute: async (room, identity, trackSid, muted) =>
      rooms.mute(
        one('room', room),
        one('identity', identity),
        one('trackSid', trackSid),
        read(schemas.flag, muted, 'muted'),
      ),
    subscribe: async (room, identity, trackSids, subscribed) =>
      rooms.subscribe(
        one('room', room),
        one('identity', identity),
        read(schemas.some, trackSids, 'trackSids'),
        read(schemas.flag, subscribed, 'subscribed'),
      ),
    send: async (room, message) => rooms.send(one('room', room), read(schemas.message, message, 'message')),
  };
}
