import { z } from 'zod';
import { type IngressRules, ingressSchemas, shownUrl } from '../ingress.ts';
import type { GuardedIngresses } from '../runtime/guarded-ingresses.ts';
import type { IngressSummary, NewIngress } from '../runtime/ingresses.ts';
import type { RoomBook } from '../runtime/own-rooms.ts';
import { callLive, disturbQuery, roomForeign, untouchable } from './own-rooms.ts';
import { namedPageQuery, pageByName } from './pages-by-name.ts';
import { livekitProblems } from './problem.ts';
import { route, type Route } from './route.ts';

const summary = z.object({
  id: z.string(),
  name: z.string(),
  input: z.enum(['rtmp', 'whip', 'url']),
  room: z.string(),
  identity: z.string(),
  participantName: z.string(),
  metadata: z.string().meta({ description: 'JSON text' }),
  url: z.string().meta({ description: 'Where to send to, or where it is pulled from; what follows a ? is not shown' }),
  enabled: z.boolean(),
  transcode: z.boolean(),
  audio: z.object({ preset: z.string() }).optional(),
  video: z.object({ preset: z.string() }).optional(),
  state: z.enum(['inactive', 'buffering', 'publishing', 'error', 'complete']),
  error: z.string().optional(),
});

const publish = z.object({
  server: z.string().meta({ description: 'OBS: Server. Empty when LiveKit’s settings do not say' }),
  key: z.string().meta({ description: 'OBS: Stream Key, or Bearer Token with WHIP. Shown here and never again' }),
  missing: z.string().optional().meta({ description: 'What is to be set for `server` to be known' }),
});

const made = summary.extend({ publish: publish.optional() });

const examples = [
  { input: 'rtmp', name: 'obs-stream', room: 'streaming-room', identity: 'streamer' },
  { input: 'url', name: 'film', room: 'streaming-room', identity: 'film', url: 'https://media.example.com/film.mp4' },
];

interface IngressRoutesOptions {
  readonly ingresses: GuardedIngresses;
  readonly book: RoomBook;
  readonly rules: IngressRules;
}

/** Media from outside: OBS and browsers that send, files and streams that are pulled. */
export function ingressRoutes({ ingresses, book, rules }: IngressRoutesOptions): readonly Route[] {
  const schemas = ingressSchemas(rules);
  const one = z.object({ id: schemas.id.meta({ description: 'id of the list', examples: ['IN_abc'] }) });
  const tag = 'Ingress';
  const fix = `Send ${JSON.stringify(examples[0])}`;
  const problems = [roomForeign, callLive, ...livekitProblems];
  const mostBytes = 1024 * 1024;
  /** Of an ingress that is there, in its room, and in the one it is to come into. */
  async function guarded(id: string, call: string | undefined, into?: string) {
    const { room } = await ingresses.get(id);
    const refusal = await untouchable(book, room, call);
    return refusal ?? (into === undefined ? undefined : untouchable(book, into, call));
  }
  return [
    route(
      {
        method: 'post',
        path: '/v1/ingress',
        role: 'operator',
        tag,
        about: 'A way for media to come into a room: RTMP, WHIP, or pulled from a URL at once',
        query: disturbQuery,
        body: schemas.create.meta({ examples }),
        mostBytes,
        fix,
        idempotency: 'optional',
        limitable: 'ingress',
        answers: { 201: { about: 'What OBS needs; the key is shown once', body: made } },
        problems,
      },
      async ({ query, body }) => {
        const refusal = await untouchable(book, body.room, query.call);
        return refusal ?? { status: 201, body: madeOf(await ingresses.create(body)) };
      },
    ),
    route(
      {
        method: 'get',
        path: '/v1/ingress',
        role: 'viewer',
        tag,
        about: 'Ingresses into rooms of ours, by id, without their keys',
        query: namedPageQuery().extend({ room: schemas.room.optional().meta({ description: 'Those of one room' }) }),
        answers: {
          200: { about: 'A page', body: z.object({ ingress: z.array(summary), next: z.string().optional() }) },
        },
        problems: livekitProblems,
      },
      async ({ query }) => {
        const { page, next } = pageByName(await ingresses.list(query.room), ({ id }) => id, query);
        return { status: 200, body: { ingress: page.map(shown), ...(next === undefined ? {} : { next }) } };
      },
    ),
    route(
      {
        method: 'get',
        path: '/v1/ingress/{id}',
        role: 'viewer',
        tag,
        about: 'One as it is now',
        params: one,
        answers: { 200: { about: 'The ingress', body: summary } },
        problems: livekitProblems,
      },
      async ({ params }) => ({ status: 200, body: shown(await ingresses.get(params.id)) }),
    ),
    route(
      {
        method: 'patch',
        path: '/v1/ingress/{id}',
        role: 'operator',
        tag,
        about: 'Changes what is named; what is pulled cannot be changed',
        params: one,
        query: disturbQuery,
        body: schemas.change.meta({ examples: [{ enabled: false }] }),
        mostBytes,
        fix: 'Send {"enabled":false}, or name, room, identity, participantName, metadata, transcode, audio, video',
        answers: { 200: { about: 'As it is now', body: summary } },
        problems,
      },
      async ({ params, query, body }) => {
        const refusal = await guarded(params.id, query.call, body.room);
        return refusal ?? { status: 200, body: shown(await ingresses.update(params.id, body)) };
      },
    ),
    route(
      {
        method: 'delete',
        path: '/v1/ingress/{id}',
        role: 'operator',
        tag,
        about: 'Deletes it; what it publishes ends',
        params: one,
        query: disturbQuery,
        answers: { 204: { about: 'Deleted' } },
        problems,
      },
      async ({ params, query }) => {
        const refusal = await guarded(params.id, query.call);
        if (refusal !== undefined) return refusal;
        await ingresses.delete(params.id);
        return { status: 204 };
      },
    ),
  ];
}

const shown = (ingress: IngressSummary): z.output<typeof summary> => ({
  ...ingress,
  url: ingress.input === 'url' ? shownUrl(ingress.url) : ingress.url,
});

function madeOf({ ingress, key }: NewIngress): z.output<typeof made> {
  if (key === undefined) return shown(ingress);
  const missing = `LiveKit's ingress.${ingress.input}_base_url is not set: ask who runs the ingress service for its address`;
  const server = ingress.url;
  return { ...shown(ingress), publish: { server, key: key.reveal(), ...(server === '' ? { missing } : {}) } };
}
