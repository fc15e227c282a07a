import { beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { readConfig } from '../../src/config.ts';
import { alertRoutes } from '../../src/http/alerts.ts';
import { createGuard } from '../../src/http/guard.ts';
import type { Route } from '../../src/http/route.ts';
import { recoveryRoutes } from '../../src/http/recovery.ts';
import { securityRoutes } from '../../src/http/security.ts';
import { mayActAs, type Role, roles } from '../../src/runtime/api-keys.ts';
import { onlyInstance } from '../../src/runtime/alone.ts';
import { ControlError, notPassedOn } from '../../src/runtime/control-error.ts';
import { controlRoutes } from '../../src/wiring/control.ts';
import { createPostureBoard } from '../../src/runtime/posture-board.ts';
import { operatorRoutes } from '../../src/wiring/operator-routes.ts';
import { memoryAccess } from '../support/access.ts';
import { doorOf } from '../support/door.ts';

const settings = readConfig({
  LIVEKIT_URL: 'ws://127.0.0.1:7880',
  LIVEKIT_API_KEY: 'devkey',
  LIVEKIT_API_SECRET: 'secret-of-thirty-two-characters-!',
});
if ('problems' in settings) throw new Error(settings.problems.join());
const { config } = settings;

/** A LiveKit that knows nothing, whatever it is asked. */
const livekit = new Proxy({} as never, {
  get: () => () => Promise.reject(new ControlError('not_found', notPassedOn('invalid', 'none').failure)),
});

/** Has nothing to mend. */
const idleRecovery = {
  view: () => ({ waitsFor: { acknowledgement: [] } }) as never,
  async *views() {},
  acknowledge: async () => 'nothing open' as const,
};

/** Knows nothing and does nothing: a call or a credential of any name is unknown. */
const instance = {
  care: {
    posture: createPostureBoard(() => undefined),
    routes: [
      ...alertRoutes({ alerts: { list: () => [], test: async () => ({ is: 'unset' }) } }),
      ...securityRoutes({ security: { list: () => [], clear: () => false } }),
      ...recoveryRoutes({ recovery: idleRecovery, clock: systemClock }),
    ],
  },
  outbound: { call: async () => ({ is: 'off' }) },
  control: controlRoutes(
    { rooms: livekit, ingresses: livekit },
    config,
    { store: { openIn: () => Promise.resolve([]) }, alone: onlyInstance, census: { isGhost: () => false } },
    systemClock,
  ),
  egresses: { list: async () => ({ egresses: [] }), get: async () => undefined, stop: async () => undefined },
  calls: { list: async () => [], get: async () => undefined, command: async () => 'unknown' },
  tokens: {
    follow: async () => 'unknown',
    revoke: async () => false,
    issue: async () => 'failed',
    check: async () => ({}),
  },
} as never;

const access = memoryAccess(systemClock);
const routes = operatorRoutes({ config, instance, access, clock: systemClock });
const door = doorOf(routes, { guard: createGuard(access) });

const comers = ['nobody', 'a wrong key', 'a revoked key', ...roles] as const;
type Comer = (typeof comers)[number];
let keyOf: Readonly<Record<Comer, string | undefined>>;
let cookieOf: Readonly<Record<Comer, string | undefined>>;

beforeAll(async () => {
  const draw = async (role: Role) => (await access.keys.create({ name: role, role })).text;
  const [viewer, operator, admin, revoked] = await Promise.all([...roles, 'admin' as const].map(draw));
  const keys = { nobody: undefined, 'a wrong key': `${admin!.slice(0, -4)}AAAA`, 'a revoked key': revoked };
  keyOf = { ...keys, viewer, operator, admin };
  const cookies = await Promise.all([viewer, operator, admin, revoked].map((key) => logIn(key!)));
  const [asViewer, asOperator, asAdmin, asRevoked] = cookies;
  const wrong = asAdmin!.slice(0, -4) + 'AAAA';
  cookieOf = {
    nobody: undefined,
    'a wrong key': wrong,
    'a revoked key': asRevoked,
    viewer: asViewer,
    operator: asOperator,
    admin: asAdmin,
  };
  await access.keys.revoke(revoked!.split('_')[1]!);
});

const host = { host: '127.0.0.1:8081' };
const own = { ...host, origin: 'http://127.0.0.1:8081' };

async function logIn(key: string): Promise<string> {
  const headers = { ...own, 'content-type': 'application/json' };
  const answer = await door.request('/v1/session', { method: 'POST', headers, body: JSON.stringify({ key }) });
  return answer.headers.get('set-cookie')!.split(';')[0]!;
}

async function knock({ shape: { method, path } }: Route, headers: Record<string, string>): Promise<[number, string]> {
  const answer = await door.request(path.replaceAll(/\{\w+\}/g, 'x').replace('*', ''), {
    method: method.toUpperCase(),
    headers,
  });
  const problem = (await answer.json().catch(() => ({}))) as { readonly code?: string };
  return [answer.status, problem.code ?? ''];
}

/** What the door must say before it looks at anything else; nothing, when it must let in. */
function refusalOf(needed: Role | 'anyone', comer: Comer, wrong: string): [number, string] | undefined {
  if (needed === 'anyone') return undefined;
  if (comer === 'nobody') return [401, 'key_missing'];
  if (comer === 'a wrong key') return [401, wrong];
  if (comer === 'a revoked key') return [401, 'key_revoked'];
  return mayActAs(comer, needed) ? undefined : [403, 'role_too_low'];
}

/** With which the door itself keeps somebody out; a route may have a 403 of its own. */
const refusals = ['key_missing', 'key_wrong', 'key_revoked', 'session_over', 'origin_missing', 'role_too_low'];

const matrix = routes.flatMap((route) =>
  comers.map((comer) => ({ route, comer, name: `${route.shape.method} ${route.shape.path}` })),
);

describe('R8.4 every route × everyone who may come', () => {
  test.each(matrix)('$name by $comer', async ({ route, comer }) => {
    const key = keyOf[comer];
    const answer = await knock(route, { ...host, ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) });
    const expected = refusalOf(route.shape.role, comer, 'key_wrong');
    if (expected) expect(answer).toEqual(expected);
    else expect(refusals).not.toContain(answer[1]);
  });

  test.each(matrix)('$name by $comer with a cookie', async ({ route, comer }) => {
    // It would end the session that the others need.
    if (route.shape.method === 'delete' && route.shape.path === '/v1/session') return;
    const cookie = cookieOf[comer];
    const answer = await knock(route, { ...own, ...(cookie === undefined ? {} : { cookie }) });
    const expected = refusalOf(route.shape.role, comer, 'session_over');
    if (expected) expect(answer).toEqual(expected);
    else expect(refusals).not.toContain(answer[1]);
  });

  test('the matrix has them all, and some for each role', () => {
    expect(routes.map(({ shape }) => shape.role)).toEqual(expect.arrayContaining(['anyone', 'viewer', 'operator']));
    expect(matrix).toHaveLength(routes.length * 6);
  });
});
