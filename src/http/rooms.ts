import { z } from 'zod';
import { isOwnRoom } from '../fields.ts';
import type { GuardedRooms } from '../runtime/guarded-rooms.ts';
import type { RoomBook } from '../runtime/own-rooms.ts';
import { roomSchemas } from '../runtime/room-input.ts';
import type { RoomInfo } from '../runtime/rooms.ts';
import { callLive, disturbQuery, roomForeign, unseen, untouchable } from './own-rooms.ts';
import { namedPageQuery, pageByName } from './pages-by-name.ts';
import { livekitProblems } from './problem.ts';
import { route, type Route } from './route.ts';

const ms = z.number().meta({ description: 'ms since 1970' });

const room: z.ZodType<RoomInfo> = z.object({
  name: z.string(),
  sid: z.string(),
  metadata: z.string().meta({ description: 'As it was given; JSON in rooms of ours' }),
  createdAtMs: ms,
  emptyTimeoutMs: z.int(),
  departureTimeoutMs: z.int(),
  maxParticipants: z.int().meta({ description: '0: no limit' }),
  participants: z.int().meta({ description: 'Up to 5 s old; without agents and recorders' }),
});

export const roomUnknown = {
  status: 404,
  code: 'room_unknown',
  title: 'There is no such room now',
  field: 'name',
  fix: 'Take a name from GET /v1/rooms; a room that everybody left goes after 20 s',
} as const;

const schemas = roomSchemas();

export const roomName = z.object({
  name: schemas.one.meta({ description: 'Name of a room', examples: ['voice-ai-call-1'] }),
});

const examples = [{ name: 'streaming-room', maxParticipants: 50, metadata: { title: 'Evening' } }];

const message = z
  .strictObject({
    text: z.string('must be text').exactOptional(),
    base64: z.base64('must be base64').exactOptional(),
    topic: schemas.message.shape.topic,
    to: schemas.message.shape.to,
  })
  .refine(({ text, base64 }) => (text === undefined) !== (base64 === undefined), {
    path: ['text'],
    message: 'must be there, or base64 in its place',
  })
  .meta({ examples: [{ text: 'Five minutes left', topic: 'chat' }] });

export interface RoomRoutesOptions {
  readonly rooms: GuardedRooms;
  readonly book: RoomBook;
}

/** Rooms of ours. Nobody ends one with a call in it by accident. */
export function roomRoutes({ rooms, book }: RoomRoutesOptions): readonly Route[] {
  const tag = 'Rooms';
  return [
    route(
      {
        method: 'post',
        path: '/v1/rooms',
        role: 'operator',
        tag,
        about: 'A room ahead of who comes; one of that name that is there already is given as it is',
        body: schemas.create.meta({ examples }),
        mostBytes: 1024 * 1024,
        fix: `Send ${JSON.stringify(examples[0])}`,
        idempotency: 'optional',
        answers: {
          201: { about: 'The room, with 300 s, 20 s and 20 places where nothing else was asked', body: room },
        },
        problems: [roomForeign, ...livekitProblems],
      },
      async ({ body }) => (await unseen(book, body.name)) ?? { status: 201, body: await rooms.create(body) },
    ),
    route(
      {
        method: 'get',
        path: '/v1/rooms',
        role: 'viewer',
        tag,
        about: 'Rooms of ours that are open, by name',
        query: namedPageQuery(),
        answers: {
          200: { about: 'A page', body: z.object({ rooms: z.array(room).readonly(), next: z.string().optional() }) },
        },
        problems: livekitProblems,
      },
      async ({ query }) => {
        const ours = (await rooms.list()).filter(({ name }) => isOwnRoom(book.own, name));
        const { page, next } = pageByName(ours, ({ name }) => name, query);
        return { status: 200, body: { rooms: page, ...(next === undefined ? {} : { next }) } };
      },
    ),
    route(
      {
        method: 'get',
        path: '/v1/rooms/{name}',
        role: 'viewer',
        tag,
        about: 'One room as it is now',
        params: roomName,
        answers: { 200: { about: 'The room', body: room } },
        problems: [roomForeign, roomUnknown, ...livekitProblems],
      },
      async ({ params: { name } }) => {
        const refusal = await unseen(book, name);
        if (refusal) return refusal;
        const [found] = await rooms.list([name]);
        return found ? { status: 200, body: found } : roomUnknown;
      },
    ),
    route(
      {
        method: 'delete',
        path: '/v1/rooms/{name}',
        role: 'operator',
        tag,
        about: 'Puts everybody out and ends the room',
        params: roomName,
        query: disturbQuery,
        answers: { 204: { about: 'Ended' } },
        problems: [roomForeign, callLive, ...livekitProblems],
      },
      async ({ params: { name }, query }) => {
        const refusal = await untouchable(book, name, query.call);
        if (refusal) return refusal;
        await rooms.delete(name);
        return { status: 204 };
      },
    ),
    route(
      {
        method: 'post',
        path: '/v1/rooms/{name}/data',
        role: 'operator',
        tag,
        about: 'Reliable data to everybody in a room, or to some; at most 15,000 bytes',
        params: roomName,
        body: message,
        mostBytes: 128 * 1024,
        fix: 'Send {"text":"…"} or {"base64":"…"}, and perhaps topic and to',
        answers: { 202: { about: 'LiveKit has taken it', body: z.object({ bytes: z.int() }) } },
        problems: [roomForeign, ...livekitProblems],
      },
      async ({ params: { name }, body: { text, base64, ...others } }) => {
        const refusal = await unseen(book, name);
        if (refusal) return refusal;
        const bytes = new Uint8Array(base64 === undefined ? Buffer.from(text ?? '') : Buffer.from(base64, 'base64'));
        await rooms.send(name, { ...others, bytes });
        return { status: 202, body: { bytes: bytes.length } };
      },
    ),
  ];
}
