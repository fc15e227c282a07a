import { z } from 'zod';
import { egressRequest, layoutChange, streamChange } from '../egress.ts';
import type { Egresses } from '../runtime/egress-book.ts';
import { egressListLimit } from '../runtime/egress-store.ts';
import type { EgressView } from '../runtime/egress-view.ts';
import type { RoomBook } from '../runtime/own-rooms.ts';
import { roomForeign, unseen } from './own-rooms.ts';
import { pageQuery } from './pages.ts';
import { livekitProblems } from './problem.ts';
import { route, type Route } from './route.ts';

const ms = z.number().meta({ description: 'ms since 1970' });

const states = [
  'asking',
  'finding',
  'refused',
  'unknown',
  'lost',
  'starting',
  'active',
  'ending',
  'complete',
  'failed',
  'aborted',
  'limit_reached',
] as const satisfies readonly EgressView['state'][];

/** Without credentials, and without the keys of addresses. */
export const egressView: z.ZodType<EgressView> = z.object({
  id: z.string(),
  state: z.enum(states).meta({
    description:
      'asking, finding: LiveKit has not said yet whether it begins; refused: it did not; unknown: nobody knows; lost: LiveKit has it no longer; the others are LiveKit’s words',
  }),
  egressId: z.string().optional().meta({ description: 'LiveKit’s id' }),
  call: z.string().optional().meta({ description: 'callKey of the call that it records' }),
  askedAt: ms,
  startedAt: ms.optional(),
  endedAt: ms.optional(),
  source: z.looseObject({ kind: z.enum(['room', 'tracks', 'participant', 'track', 'web']) }),
  outputs: z.array(z.looseObject({ type: z.string() })),
  files: z.array(z.object({ name: z.string(), location: z.string(), sizeBytes: z.number(), durationMs: z.number() })),
  streams: z.array(z.object({ url: z.string(), status: z.string(), error: z.string().optional() })),
  why: z.string().optional(),
}) as never;

const egressUnknown = {
  status: 404,
  code: 'egress_unknown',
  title: 'There is no such egress',
  field: 'id',
  fix: 'Take an id from GET /v1/egress',
} as const;

const examples = [
  { kind: 'room', room: 'streaming-room', layout: 'grid', outputs: [{ type: 'mp4' }] },
  { kind: 'room', room: 'streaming-room', audioOnly: true, outputs: [{ type: 'ogg' }] },
  { kind: 'room', room: 'streaming-room', videoOnly: true, outputs: [{ type: 'mp4' }, { type: 'hls' }] },
];

const one = z.object({ id: z.string().meta({ description: 'id of the list' }) });

interface EgressRoutesOptions {
  readonly egresses: Egresses;
  readonly book: RoomBook;
}

/** Recordings and streams of rooms, of those in them, and of pages. */
export function egressRoutes({ egresses, book }: EgressRoutesOptions): readonly Route[] {
  const tag = 'Egress';
  const problems = [egressUnknown, ...livekitProblems];
  const found = <const Status extends number>(status: Status, view: EgressView | undefined) =>
    view === undefined ? egressUnknown : { status, body: view };
  return [
    route(
      {
        method: 'post',
        path: '/v1/egress',
        role: 'operator',
        tag,
        about: 'Records or sends on a room, tracks, a participant or a page',
        body: egressRequest.meta({ examples }),
        fix: `Send ${JSON.stringify(examples[0])}`,
        idempotency: 'optional',
        limitable: 'egress',
        answers: {
          201: { about: 'LiveKit has begun it', body: egressView },
          202: { about: 'LiveKit has not said whether it begins: it is looked for', body: egressView },
        },
        problems: [roomForeign, ...livekitProblems],
      },
      async ({ body }) => {
        const refusal = body.kind === 'web' ? undefined : await unseen(book, body.room);
        if (refusal) return refusal;
        const view = await egresses.start(body);
        return view.state === 'asking' || view.state === 'finding'
          ? { status: 202, body: view }
          : { status: 201, body: view };
      },
    ),
    route(
      {
        method: 'get',
        path: '/v1/egress',
        role: 'viewer',
        tag,
        about: 'Those that were asked for here, newest first, recordings of calls among them',
        query: pageQuery(egressListLimit),
        fix: 'GET /v1/egress?limit=50&before=<next of the page before>',
        answers: {
          200: {
            about: 'A page',
            body: z.object({ egress: z.array(egressView).readonly(), next: z.int().optional() }),
          },
        },
      },
      async ({ query: { limit, before } }) => {
        const { egresses: egress, next } = await egresses.list({ limit, ...(before !== undefined && { before }) });
        return { status: 200, body: { egress, ...(next !== undefined && { next }) } };
      },
    ),
    route(
      {
        method: 'get',
        path: '/v1/egress/{id}',
        role: 'viewer',
        tag,
        about: 'One as it is now, with its files',
        params: one,
        answers: { 200: { about: 'The egress', body: egressView } },
        problems: [egressUnknown],
      },
      async ({ params }) => found(200, await egresses.get(params.id)),
    ),
    route(
      {
        method: 'post',
        path: '/v1/egress/{id}/layout',
        role: 'operator',
        tag,
        about: 'Lays out a room that is being recorded in another way',
        params: one,
        body: layoutChange.meta({ examples: [{ layout: 'speaker' }] }),
        fix: 'Send {"layout":"speaker"}',
        answers: { 200: { about: 'As it is now', body: egressView } },
        problems,
      },
      async ({ params, body }) => found(200, await egresses.changeLayout(params.id, body.layout)),
    ),
    route(
      {
        method: 'post',
        path: '/v1/egress/{id}/streams',
        role: 'operator',
        tag,
        about: 'Sends to further addresses, or to some no longer',
        params: one,
        body: streamChange.meta({ examples: [{ add: ['rtmps://live.example.com/app/key'], remove: [] }] }),
        fix: 'Send {"add":["rtmps://…"],"remove":[]}',
        answers: { 200: { about: 'As it is now', body: egressView } },
        problems,
      },
      async ({ params, body }) => found(200, await egresses.changeStreams(params.id, body)),
    ),
    route(
      {
        method: 'delete',
        path: '/v1/egress/{id}',
        role: 'operator',
        tag,
        about: 'Ends it; its file is written to its end, and what was kept of it stays',
        params: one,
        answers: { 202: { about: 'It ends as soon as it can; as it is now', body: egressView } },
        problems: [egressUnknown],
      },
      async ({ params }) => found(202, await egresses.stop(params.id)),
    ),
  ];
}
