import { Hono } from 'hono';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { NotIssued, TokenDesk } from '../runtime/token-desk.ts';
import { clientPresets, longestLifeSeconds, rights } from '../token.ts';
import { eventStream } from './event-stream.ts';
import { problem, unavailable } from './problem.ts';
import { readAfter, readJson } from './read-input.ts';

interface TokenRoutesOptions {
  readonly desk: TokenDesk;
  /** Tokens are for rooms that begin so, and for no others. */
  readonly roomPrefix: string;
  /** Where clients connect to. */
  readonly livekitUrl: string;
  readonly clock: Clock;
}

const line = (most: number) =>
  z
    .string(`must be text of 1 to ${most} bytes`)
    .refine((text) => text.length > 0 && new TextEncoder().encode(text).length <= most, `must have 1 to ${most} bytes`)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'must be one line of text');

/** Names by which this instance and LiveKit tell their own from others. */
const reservedIdentity = /^(?:agent|sip_)/i;
const reservedAttribute = /^(?:sip\.|lk\.|voicechart\.role$)/i;

/** A token travels in addresses and headers. */
const mostShownBytes = 8_192;

const isShort = ({ name, metadata, attributes }: Record<string, unknown>): boolean =>
  new TextEncoder().encode(JSON.stringify([name, metadata, attributes])).length <= mostShownBytes;

const bodyOf = (roomPrefix: string) =>
  z
    .strictObject({
      room: line(256).refine((room) => room.startsWith(roomPrefix), `must begin with ${roomPrefix}`),
      identity: line(256).refine(
        (identity) => !reservedIdentity.test(identity),
        'must not begin with agent or sip_: these are names of ours and of telephones',
      ),
      preset: z.enum(clientPresets, `must be one of ${clientPresets.join(', ')}`),
      name: line(128).optional(),
      metadata: z.string('must be text').optional(),
      attributes: z
        .record(
          line(64).refine(
            (key) => !reservedAttribute.test(key),
            'must not begin with sip. or lk., nor be voicechart.role',
          ),
          z.string('must be text'),
        )
        .optional(),
      lifeSeconds: z
        .int('must be a whole number')
        .min(10, 'must be at least 10')
        .max(longestLifeSeconds, `must be at most ${longestLifeSeconds}`)
        .optional(),
    })
    .refine(isShort, {
      path: ['metadata'],
      message: `must have at most ${mostShownBytes} bytes as JSON, with name and attributes`,
    });

const form = 'Send {"room":"…","identity":"…","preset":"viewer"}, and perhaps name, metadata, attributes, lifeSeconds';

const question = z.strictObject({
  token: z.string('must be a token').max(16_000, 'must have at most 16000 characters'),
  room: line(256).optional(),
  rights: z
    .array(z.enum(rights, `must be some of ${rights.join(', ')}`))
    .max(rights.length)
    .prefault(['roomJoin']),
});

const questionForm = 'Send {"token":"…"}, and perhaps room and rights';

/** Watching takes a connection each. */
const mostStreams = 1_000;

/**
 * Tokens for clients: one room, at most ten minutes, and a new one before the old one ends for whoever follows the stream.
 * The id of a credential is what gives access to its tokens.
 */
export function tokenRoutes({ desk, roomPrefix, livekitUrl, clock }: TokenRoutesOptions): Hono {
  const app = new Hono();
  const body = bodyOf(roomPrefix);
  let streams = 0;
  app.use(async (context, next) => {
    await next();
    context.header('cache-control', 'no-store');
  });

  app.post('/', async (context) => {
    const asked = await readJson(context.req.raw, body, form);
    if (asked instanceof Response) return asked;
    const issued = await desk.issue(asked);
    if (typeof issued === 'string') return notIssued[issued]();
    const { id, token, expiresAt } = issued;
    return context.json({ id, token, expiresAt, url: livekitUrl, stream: `/v1/tokens/${id}/stream` }, 201);
  });

  app.post('/check', async (context) => {
    const asked = await readJson(context.req.raw, question, questionForm);
    if (asked instanceof Response) return asked;
    const { token, rights, room } = asked;
    const found = await desk.check(token, { rights, ...(room === undefined ? {} : { room }) });
    if ('fault' in found) return context.json({ valid: false, ...found });
    return context.json({ valid: true, identity: found.sub, room: found.video.room, expiresAt: found.exp * 1000 });
  });

  app.get('/:id/stream', (context) => {
    const after = readAfter(context.req.header('last-event-id'), context.req.query('after'));
    if (after instanceof Response) return after;
    const news = desk.follow(context.req.param('id'), after);
    if (news === 'unknown') return noSuchToken();
    // 204 is how a server tells an EventSource not to come again.
    if (news === 'over') return context.body(null, 204);
    if (context.req.raw.method === 'HEAD') return context.body(null, 200);
    if (streams >= mostStreams) return unavailable();
    streams += 1;
    return eventStream({ entries: news, clock, done: () => void (streams -= 1) });
  });

  app.delete('/:id', (context) => (desk.revoke(context.req.param('id')) ? context.body(null, 204) : noSuchToken()));
  return app;
}

const noSuchToken = (): Response =>
  problem({
    status: 404,
    code: 'token_unknown',
    title: 'There is no such credential; it may have ended',
    field: 'id',
    fix: 'Take an id from POST /v1/tokens',
  });

const notIssued: Readonly<Record<NotIssued, () => Response>> = {
  failed: unavailable,
  full: () =>
    problem(
      { status: 503, code: 'tokens_full', title: 'There are too many credentials', fix: 'Try again in some minutes' },
      { 'retry-after': '60' },
    ),
  barred: () =>
    problem({
      status: 409,
      code: 'identity_revoked',
      title: 'A token of this identity was revoked, and its owner is kept out of this room for now',
      field: 'identity',
      fix: 'Use another identity, or come again eleven minutes after its last attempt to join',
    }),
};
