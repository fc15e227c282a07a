import { beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createDoorLog } from '../../src/http/door-log.ts';
import { createGuard } from '../../src/http/guard.ts';
import { route } from '../../src/http/route.ts';
import { sessionRoutes } from '../../src/http/sessions.ts';
import type { LogFields } from '../../src/runtime/log.ts';
import type { Access } from '../../src/wiring/access.ts';
import { sourceBlocked } from '../../src/http/watchman.ts';
import { memoryAccess } from '../support/access.ts';
import { doorOf } from '../support/door.ts';
import { createVirtualClock, type VirtualClock } from '../support/virtual-clock.ts';

let clock: VirtualClock;
let access: Access;
let lines: LogFields[];
let door: ReturnType<typeof doorOf>;
beforeEach(() => {
  clock = createVirtualClock(1_800_000_000_000);
  access = memoryAccess(clock);
  lines = [];
  const write = (fields: LogFields): void => void lines.push(fields);
  const shape = { path: '/v1/things/{id}', about: 'x', params: z.object({ id: z.string() }) } as const;
  const busy = { status: 409, code: 'busy', title: 'Busy' } as const;
  door = doorOf(
    [
      ...sessionRoutes({ ...access, clock, secure: false }),
      route({ ...shape, method: 'get', role: 'viewer', answers: { 204: { about: 'Seen' } } }, () => ({ status: 204 })),
      route(
        { ...shape, method: 'delete', role: 'operator', answers: { 204: { about: 'Gone' } }, problems: [busy] },
        ({ params }) => (params.id === 'busy' ? busy : { status: 204 }),
      ),
    ],
    {
      guard: createGuard(access),
      watchman: {
        disbelieved: (_signal, context) =>
          context.req.header('x-forwarded-for') === 'blocked' ? { ...sourceBlocked, retryAfterSeconds: 9 } : undefined,
      },
      note: createDoorLog({ info: write, warn: write }, clock),
    },
  );
});

const ask = (method: string, path: string, key = '', body?: unknown) =>
  door.request(path, {
    method,
    headers: {
      host: '127.0.0.1:8081',
      'content-type': 'application/json',
      ...(key === '' ? {} : { authorization: `Bearer ${key}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

const things = '/v1/things/{id}';

describe('the log of the door', () => {
  test('R8.5 who is refused for wrong keys stays in the log', async () => {
    const headers = { host: '127.0.0.1', authorization: 'Bearer vck_x', 'x-forwarded-for': 'blocked' };
    const { status } = await door.request('/v1/things/1', { headers });
    expect([status, lines]).toEqual([
      429,
      [expect.objectContaining({ code: 'security.source_blocked', path: things })],
    ]);
  });

  test('R8.4 says which key changed what, and what came of it; looking is not written', async () => {
    const { key, text } = await access.keys.create({ name: 'Ada', role: 'operator' });
    await ask('GET', '/v1/things/canary', text);
    await ask('DELETE', '/v1/things/canary', text);
    await ask('DELETE', '/v1/things/busy', text);
    const line = { code: 'api.changed', keyId: key.id, method: 'delete', path: things };
    expect(lines).toEqual([
      { ...line, status: 204 },
      { ...line, status: 409, problem: 'busy' },
    ]);
  });

  test('R8.4 says which key logged in', async () => {
    const { key, text } = await access.keys.create({ name: 'Ada', role: 'viewer' });
    await ask('POST', '/v1/session', '', { key: text });
    expect(lines).toEqual([{ code: 'api.changed', keyId: key.id, method: 'post', path: '/v1/session', status: 200 }]);
  });

  test('R8.4 says who was refused and why: no key, a wrong one, one that may not', async () => {
    const { key, text } = await access.keys.create({ name: 'Ada', role: 'viewer' });
    await ask('GET', '/v1/things/canary');
    await ask('GET', '/v1/things/canary', 'vck_canary');
    await ask('POST', '/v1/session', '', { key: 'vck_canary' });
    await ask('DELETE', '/v1/things/canary', text);
    expect(lines).toEqual([
      { code: 'security.key_missing', keyId: '', method: 'get', path: things, status: 401 },
      { code: 'security.key_wrong', keyId: '', method: 'get', path: things, status: 401 },
      { code: 'security.key_wrong', keyId: '', method: 'post', path: '/v1/session', status: 401 },
      { code: 'security.role_too_low', keyId: key.id, method: 'delete', path: things, status: 403 },
    ]);
    expect(JSON.stringify(lines)).not.toContain('canary');
  });

  test('whoever has no key fills no disk: sixty refusals a minute are written, the others counted', async () => {
    for (let count = 0; count < 75; count += 1) await ask('GET', '/v1/things/a');
    await ask('POST', '/v1/session', '', {});
    expect(lines).toHaveLength(60);
    await clock.advance(60_000);
    await ask('GET', '/v1/things/a');
    await ask('GET', '/v1/things/a');
    expect(lines.slice(60).map(({ missing }) => missing)).toEqual([15, undefined]);
  });
});
