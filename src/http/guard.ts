import type { ApiKey, ApiKeys } from '../runtime/api-keys.ts';
import type { Tickets } from '../runtime/tickets.ts';
import type { Problem } from './problem.ts';
import type { Caller } from './route.ts';
import { sessionOf } from './session-cookie.ts';

/** Tells who asks. */
export interface Guard {
  /** The holder of the key or session that came with a request, or why it is not believed. */
  identify(request: Request): Promise<Caller | Problem>;
}

interface GuardOptions {
  readonly keys: Pick<ApiKeys, 'get' | 'believe'>;
  readonly sessions: Pick<Tickets, 'look'>;
}

/** `Authorization: Bearer vck_…`, else (another scheme is a proxy's) the cookie of a session; a session is worth what its key is worth now. */
export function createGuard({ keys, sessions }: GuardOptions): Guard {
  const bySession = async (secret: string): Promise<Caller | Problem> => {
    const id = await sessions.look(secret);
    const key = id === undefined ? undefined : await keys.get(id);
    if (key === undefined) return sessionOver;
    return key.revokedAt === undefined ? callerOf(key) : keyRefusals.revoked;
  };
  return {
    async identify(request) {
      const header = request.headers.get('authorization') ?? '';
      if (/^Bearer\b/i.test(header)) return byKey(keys, /^Bearer +(\S+)$/i.exec(header)?.[1] ?? '');
      const secret = sessionOf(request);
      if (secret === undefined) return keyMissing;
      return mayChange(request) ? bySession(secret) : originMissing;
    },
  };
}

/** The holder of a key by its text, or why there is none. */
export async function byKey(keys: Pick<ApiKeys, 'believe'>, text: string): Promise<Caller | Problem> {
  const key = await keys.believe(text);
  return typeof key === 'string' ? keyRefusals[key] : callerOf(key);
}

export const callerOf = ({ id, name, role }: ApiKey): Caller => ({ id, name, role });

/** A browser says on whose behalf it sends what changes something; what it says was compared with this door before. */
const mayChange = ({ method, headers }: Request): boolean =>
  method === 'GET' || method === 'HEAD' || headers.get('origin') !== null;

const fix = 'Send Authorization: Bearer vck_…; `voicechart api-keys create` makes a key';

const keyMissing = {
  status: 401,
  code: 'key_missing',
  title: 'No key came with the request, and no session',
  fix,
} as const satisfies Problem;

export const keyRefusals = {
  unknown: { status: 401, code: 'key_wrong', title: 'There is no such key', fix },
  revoked: { status: 401, code: 'key_revoked', title: 'This key was revoked', fix },
} as const satisfies Readonly<Record<string, Problem>>;

const sessionOver = {
  status: 401,
  code: 'session_over',
  title: 'This session is over',
  fix: 'Log in again',
} as const satisfies Problem;

const originMissing = {
  status: 403,
  code: 'origin_missing',
  title: 'What changes something says where it comes from, when it comes with a cookie',
  field: 'Origin',
  fix: 'Send Origin, or a key instead of the cookie',
} as const satisfies Problem;
