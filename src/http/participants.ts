import { z } from 'zod';
import { isReservedAttribute, reservedAttribute } from '../fields.ts';
import { roomSchemas } from '../runtime/room-input.ts';
import type { ParticipantSummary, TrackSummary } from '../runtime/rooms.ts';
import { callLive, disturbQuery, roomForeign, unseen, untouchable } from './own-rooms.ts';
import { namedPageQuery, pageByName } from './pages-by-name.ts';
import { livekitProblems } from './problem.ts';
import { type RoomRoutesOptions, roomName, roomUnknown } from './rooms.ts';
import { route, type Route } from './route.ts';

const sources = ['unknown', 'camera', 'microphone', 'screen_share', 'screen_share_audio'] as const;

const track: z.ZodType<TrackSummary> = z.object({
  sid: z.string(),
  name: z.string(),
  kind: z.enum(['audio', 'video', 'data']),
  source: z.enum(sources),
  muted: z.boolean(),
});

const participant: z.ZodType<ParticipantSummary> = z.object({
  identity: z.string(),
  sid: z.string(),
  name: z.string(),
  kind: z.enum(['standard', 'ingress', 'egress', 'sip', 'agent', 'other']),
  state: z.enum(['joining', 'joined', 'active', 'disconnected']),
  metadata: z.string(),
  attributes: z.record(z.string(), z.string()),
  joinedAtMs: z.number().meta({ description: 'ms since 1970' }),
  permissions: z.object({
    canPublish: z.boolean(),
    canSubscribe: z.boolean(),
    canPublishData: z.boolean(),
    canPublishSources: z.array(z.enum(sources)).readonly().meta({ description: 'Empty: all' }),
    canUpdateMetadata: z.boolean(),
    hidden: z.boolean(),
  }),
  tracks: z.array(track).readonly(),
});

const schemas = roomSchemas();
const whose = roomName.extend({ identity: schemas.one.meta({ description: 'Identity of a participant' }) });
const whichTrack = whose.extend({ sid: schemas.one.meta({ description: 'sid of a track', examples: ['TR_abc'] }) });

const change = schemas.change
  .refine(({ attributes = {} }) => !Object.keys(attributes).some(isReservedAttribute), {
    path: ['attributes'],
    message: reservedAttribute,
  })
  .meta({ examples: [{ name: 'Ada', permissions: { canPublish: false } }] });

/** Who is in a room of ours. What would be heard or seen in a call takes the name of the call. */
export function participantRoutes({ rooms, book }: RoomRoutesOptions): readonly Route[] {
  const tag = 'Participants';
  const path = '/v1/rooms/{name}/participants';
  const seen = [roomForeign, ...livekitProblems];
  const touched = [callLive, ...seen];
  return [
    route(
      {
        method: 'get',
        path,
        role: 'viewer',
        tag,
        about: 'Who is in a room, by identity',
        params: roomName,
        query: namedPageQuery(),
        answers: {
          200: {
            about: 'A page',
            body: z.object({ participants: z.array(participant).readonly(), next: z.string().optional() }),
          },
        },
        problems: [roomUnknown, ...seen],
      },
      async ({ params: { name }, query }) => {
        const refusal = await unseen(book, name);
        if (refusal) return refusal;
        const there = await rooms.participants(name);
        // LiveKit answers with nobody for a room that is not there.
        if (there.length === 0 && (await rooms.list([name])).length === 0) return roomUnknown;
        const { page, next } = pageByName(there, ({ identity }) => identity, query);
        return { status: 200, body: { participants: page, ...(next === undefined ? {} : { next }) } };
      },
    ),
    route(
      {
        method: 'get',
        path: `${path}/{identity}`,
        role: 'viewer',
        tag,
        about: 'One of them, with what they publish and may do',
        params: whose,
        answers: { 200: { about: 'The participant', body: participant } },
        problems: seen,
      },
      async ({ params: { name, identity } }) =>
        (await unseen(book, name)) ?? { status: 200, body: await rooms.participant(name, identity) },
    ),
    route(
      {
        method: 'patch',
        path: `${path}/{identity}`,
        role: 'operator',
        tag,
        about: 'Changes the name, metadata, attributes or permissions that are given; the others stay',
        params: whose,
        query: disturbQuery,
        body: change,
        mostBytes: 1024 * 1024,
        fix: 'Send {"name":"…"}, or metadata, attributes, permissions',
        answers: { 200: { about: 'As they are now', body: participant } },
        problems: touched,
      },
      async ({ params: { name, identity }, query, body }) => {
        const refusal = body.permissions ? await untouchable(book, name, query.call) : await unseen(book, name);
        return refusal ?? { status: 200, body: await rooms.update(name, identity, body) };
      },
    ),
    route(
      {
        method: 'delete',
        path: `${path}/{identity}`,
        role: 'operator',
        tag,
        about: 'Puts somebody out; with a valid token they may come back',
        params: whose,
        query: disturbQuery,
        answers: { 204: { about: 'Put out' } },
        problems: touched,
      },
      async ({ params: { name, identity }, query }) => {
        const refusal = await untouchable(book, name, query.call);
        if (refusal) return refusal;
        await rooms.remove(name, identity);
        return { status: 204 };
      },
    ),
    route(
      {
        method: 'post',
        path: `${path}/{identity}/tracks/{sid}/mute`,
        role: 'operator',
        tag,
        about:
          'Mutes a track. Who was muted unmutes their own: LiveKit lets nobody else, unless its room.enable_remote_unmute is on',
        params: whichTrack,
        query: disturbQuery,
        body: z.strictObject({ muted: schemas.flag }).meta({ examples: [{ muted: true }] }),
        fix: 'Send {"muted":true}',
        answers: { 200: { about: 'The track as it is now', body: track } },
        problems: touched,
      },
      async ({ params: { name, identity, sid }, query, body: { muted } }) => {
        const refusal = await untouchable(book, name, query.call);
        return refusal ?? { status: 200, body: await rooms.mute(name, identity, sid, muted) };
      },
    ),
    route(
      {
        method: 'post',
        path: `${path}/{identity}/subscriptions`,
        role: 'operator',
        tag,
        about: 'What somebody hears and sees of others',
        params: whose,
        query: disturbQuery,
        body: z
          .strictObject({ trackSids: schemas.some, subscribed: schemas.flag })
          .meta({ examples: [{ trackSids: ['TR_abc'], subscribed: false }] }),
        fix: 'Send {"trackSids":["TR_…"],"subscribed":false}',
        answers: { 204: { about: 'Changed' } },
        problems: touched,
      },
      async ({ params: { name, identity }, query, body: { trackSids, subscribed } }) => {
        const refusal = await untouchable(book, name, query.call);
        if (refusal) return refusal;
        await rooms.subscribe(name, identity, trackSids, subscribed);
        return { status: 204 };
      },
    ),
  ];
}
