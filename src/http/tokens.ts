import { z } from 'zod';
import type { Clock } from '../clock.ts';
import {
  isOwnRoom,
  isReservedAttribute,
  isReservedIdentity,
  type OwnRooms,
  ownRoomsOnly,
  reservedAttribute,
  reservedIdentity,
} from '../fields.ts';
import type { NotIssued, TokenDesk } from '../runtime/token-desk.ts';
import { clientPresets, longestLifeSeconds, rights } from '../token.ts';
import { createStreams } from './event-stream.ts';
import { oneLine } from './input-fields.ts';
import { type Problem, unavailableNow } from './problem.ts';
import { afterQuery, readAfter } from './read-input.ts';
import { route, type Route } from './route.ts';

interface TokenRoutesOptions {
  readonly desk: TokenDesk;
  /** Tokens are for these, and for no others. */
  readonly rooms: OwnRooms;
  /** Where clients connect to, at this moment. */
  readonly livekitUrl: () => string;
  readonly clock: Clock;
}

/** A token travels in addresses and headers. */
const mostShownBytes = 8_192;

const isShort = ({ name, metadata, attributes }: Record<string, unknown>): boolean =>
  new TextEncoder().encode(JSON.stringify([name, metadata, attributes])).length <= mostShownBytes;

const bodyOf = (own: OwnRooms) =>
  z
    .strictObject({
      room: oneLine(256).refine((room) => isOwnRoom(own, room), ownRoomsOnly(own)),
      identity: oneLine(256).refine((identity) => !isReservedIdentity(identity), reservedIdentity),
      preset: z.enum(clientPresets, `must be one of ${clientPresets.join(', ')}`),
      name: oneLine(128).optional(),
      metadata: z.string('must be text').optional(),
      attributes: z
        .record(
          oneLine(64).refine((key) => !isReservedAttribute(key), reservedAttribute),
          z.string('must be text'),
        )
        .optional(),
      lifeSeconds: z
        .int('must be a whole number')
        .min(10, 'must be at least 10')
        .max(longestLifeSeconds, `must be at most ${longestLifeSeconds}`)
        .optional(),
    })
    .refine(({ room, preset }) => preset !== 'caller' || room.startsWith(own.prefix), {
      path: ['preset'],
      message: `must not be caller there: agents answer in rooms that begin with ${own.prefix}`,
    })
    .refine(isShort, {
      path: ['metadata'],
      message: `must have at most ${mostShownBytes} bytes as JSON, with name and attributes`,
    });

const form = 'Send {"room":"…","identity":"…","preset":"viewer"}, and perhaps name, metadata, attributes, lifeSeconds';

const question = z.strictObject({
  token: z.string('must be a token').max(16_000, 'must have at most 16000 characters'),
  room: oneLine(256).optional(),
  rights: z
    .array(z.enum(rights, `must be some of ${rights.join(', ')}`))
    .max(rights.length)
    .prefault(['roomJoin']),
});

const questionForm = 'Send {"token":"…"}, and perhaps room and rights';

/** Watching takes a connection each. */
const mostStreams = 1_000;

const tokenUnknown = {
  status: 404,
  code: 'token_unknown',
  title: 'There is no such credential; it may have ended',
  field: 'id',
  fix: 'Take an id from POST /v1/tokens',
} as const satisfies Problem;

const tokenElsewhere = {
  status: 421,
  code: 'token_elsewhere',
  title: 'Another instance keeps this credential and its tokens',
  field: 'id',
  fix: 'Follow it at the instance that issued it; it can be revoked and its tokens checked at each',
} as const satisfies Problem;

const notIssued = {
  failed: unavailableNow,
  full: {
    status: 503,
    code: 'tokens_full',
    title: 'There are too many credentials',
    fix: 'Try again in some minutes',
    retryAfterSeconds: 60,
  },
  barred: {
    status: 409,
    code: 'identity_revoked',
    title: 'A token of this identity was revoked, and its owner is kept out of this room for now',
    field: 'identity',
    fix: 'Use another identity, or come again eleven minutes after its last attempt to join',
  },
} as const satisfies Readonly<Record<NotIssued, Problem>>;

const ms = z.number().meta({ description: 'ms since 1970' });
const issued = z.object({ id: z.string(), token: z.string(), expiresAt: ms, url: z.string(), stream: z.string() });

const verdict = z.union([
  z.object({ valid: z.literal(true), identity: z.string().optional(), room: z.string().optional(), expiresAt: ms }),
  z.looseObject({ valid: z.literal(false), fault: z.string(), code: z.string() }),
]);

const news = z.looseObject({
  seq: z.int(),
  token: z.string().optional(),
  expiresAt: ms.optional(),
  ended: z.string().optional(),
});

const credential = z.object({ id: z.string().meta({ description: 'id of POST /v1/tokens' }) });

/**
 * Tokens for clients: one room, at most ten minutes, and a new one before the old one ends for whoever follows the stream.
 * The id of a credential is what gives access to its tokens, beside the role.
 */
export function tokenRoutes({ desk, rooms, livekitUrl, clock }: TokenRoutesOptions): readonly Route[] {
  const streams = createStreams({ most: mostStreams, clock });
  const tag = 'Tokens';
  return [
    route(
      {
        method: 'post',
        path: '/v1/tokens',
        role: 'operator',
        tag,
        about: 'A token for a client, for one room and at most ten minutes',
        body: bodyOf(rooms),
        fix: form,
        idempotency: 'optional',
        answers: { 201: { about: 'The token, and where the next ones come', body: issued } },
        problems: Object.values(notIssued),
      },
      async ({ body }) => {
        const made = await desk.issue(body);
        if (typeof made === 'string') return notIssued[made];
        const { id, token, expiresAt } = made;
        return { status: 201, body: { id, token, expiresAt, url: livekitUrl(), stream: `/v1/tokens/${id}/stream` } };
      },
    ),
    route(
      {
        method: 'post',
        path: '/v1/tokens/check',
        role: 'operator',
        tag,
        about: 'Whether a token is good for something, and if not, why',
        body: question,
        fix: questionForm,
        answers: { 200: { about: 'The verdict', body: verdict } },
        problems: [unavailableNow],
      },
      async ({ body: { token, rights, room } }) => {
        const demand = { rights, ...(room === undefined ? {} : { room }) };
        const found = await desk.check(token, demand).catch(() => undefined);
        // Another instance may have withdrawn it: what cannot be told is not called good.
        if (found === undefined) return unavailableNow;
        if ('fault' in found) return { status: 200, body: { valid: false, ...found } };
        const { sub, video, exp } = found;
        return { status: 200, body: { valid: true, identity: sub, room: video.room, expiresAt: exp * 1000 } };
      },
    ),
    route(
      {
        method: 'get',
        path: '/v1/tokens/{id}/stream',
        role: 'operator',
        tag,
        about: 'The newest token of a credential, and each that comes after it',
        params: credential,
        query: afterQuery,
        answers: {
          200: { about: 'A token each; the last one says why there are no more', stream: news },
          204: { about: 'It is over and nothing comes after this event' },
        },
        problems: [tokenUnknown, tokenElsewhere, unavailableNow],
      },
      async ({ params, query, request, stillAllowed }) => {
        const after = readAfter(request, query);
        if (after instanceof Response) return after;
        const entries = await desk.follow(params.id, after).catch(() => 'failed' as const);
        if (entries === 'failed') return unavailableNow;
        if (entries === 'unknown') return tokenUnknown;
        if (entries === 'elsewhere') return tokenElsewhere;
        // 204 is how a server tells an EventSource not to come again.
        if (entries === 'over') return { status: 204 };
        return streams.open({ request, entries, stillAllowed }) ?? unavailableNow;
      },
    ),
    route(
      {
        method: 'delete',
        path: '/v1/tokens/{id}',
        role: 'operator',
        tag,
        about: 'Ends a credential: its tokens are refused here, and its owner is put out of the room',
        params: credential,
        answers: { 204: { about: 'Revoked' } },
        problems: [tokenUnknown, unavailableNow],
      },
      async ({ params }) => {
        const revoked = await desk.revoke(params.id).catch(() => undefined);
        if (revoked === undefined) return unavailableNow;
        return revoked ? { status: 204 } : tokenUnknown;
      },
    ),
  ];
}
