import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { ApiKeys, Role } from '../runtime/api-keys.ts';
import { roles } from '../runtime/api-keys.ts';
import type { Tickets } from '../runtime/tickets.ts';
import { byKey, callerOf, keyRefusals } from './guard.ts';
import type { Problem } from './problem.ts';
import { type Caller, route, type Route } from './route.ts';
import { sourceBlocked } from './watchman.ts';
import { sessionCookie, sessionOf } from './session-cookie.ts';

interface SessionRoutesOptions {
  readonly keys: Pick<ApiKeys, 'get' | 'believe'>;
  readonly sessions: Tickets;
  readonly links: Pick<Tickets, 'use'>;
  readonly clock: Clock;
  /** Whether browsers come by https. */
  readonly secure: boolean;
}

const asked = z
  .union(
    [
      z.strictObject({ key: z.string('must be a key').max(200, 'must have at most 200 characters') }),
      z.strictObject({ link: z.string('must be the end of a link').max(200, 'must have at most 200 characters') }),
    ],
    'must have a key or a link',
  )
  .meta({ examples: [{ key: 'vck_…' }] });

const who = z.object({ name: z.string(), role: z.enum(roles) });

const linkUsed = {
  status: 401,
  code: 'link_used',
  title: 'This link was used, or is too old',
  field: 'link',
  fix: 'Ask for a new one, or log in with a key',
} as const satisfies Problem;

const full = {
  status: 503,
  code: 'sessions_full',
  title: 'There are too many sessions',
  fix: 'Log out somewhere, or use a key',
} as const satisfies Problem;

/** Sessions of browsers: an event stream there can send a cookie, and no key. */
export function sessionRoutes({ keys, sessions, links, clock, secure }: SessionRoutesOptions): readonly Route[] {
  const tag = 'Sessions';
  const byLink = async (link: string): Promise<Caller | Problem> => {
    const id = await links.use(link);
    const key = id === undefined ? undefined : await keys.get(id);
    return key === undefined || key.revokedAt !== undefined ? linkUsed : callerOf(key);
  };
  return [
    route(
      {
        method: 'post',
        path: '/v1/session',
        role: 'anyone',
        tag,
        about: 'Logs a browser in, for twelve hours: by a key, or by a link that is good once',
        body: asked,
        fix: 'Send {"key":"vck_…"}',
        answers: { 200: { about: 'Logged in; the cookie is the session', body: who } },
        problems: [...Object.values(keyRefusals), sourceBlocked, linkUsed, full],
      },
      async ({ body, request, cameAs }) => {
        const caller = 'key' in body ? await byKey(keys, body.key) : await byLink(body.link);
        if ('status' in caller) return caller as typeof linkUsed;
        cameAs(caller.id);
        const session = await sessions.issue(caller.id);
        if (session === 'full') return full;
        const cookie = sessionCookie(request, session.secret, session.expiresAt - clock.now(), secure);
        return { status: 200, body: shown(caller), headers: { 'set-cookie': cookie } };
      },
    ),
    route(
      {
        method: 'get',
        path: '/v1/session',
        role: 'viewer',
        tag,
        about: 'Who one is',
        answers: { 200: { about: 'Name and role of the key', body: who } },
      },
      ({ caller }) => ({ status: 200, body: shown(caller) }),
    ),
    route(
      {
        method: 'delete',
        path: '/v1/session',
        role: 'viewer',
        tag,
        about: 'Logs a browser out',
        answers: { 204: { about: 'The session is over' } },
      },
      async ({ request }) => {
        const secret = sessionOf(request);
        if (secret !== undefined) await sessions.use(secret);
        return { status: 204, headers: { 'set-cookie': sessionCookie(request, '', 0, secure) } };
      },
    ),
  ];
}

const shown = ({ name, role }: Caller) => ({ name, role: role as Role });
