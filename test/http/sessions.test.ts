import { beforeEach, describe, expect, test } from 'vitest';
import { createGuard } from '../../src/http/guard.ts';
import { route } from '../../src/http/route.ts';
import { sessionRoutes } from '../../src/http/sessions.ts';
import type { Role } from '../../src/runtime/api-keys.ts';
import type { Access } from '../../src/wiring/access.ts';
import { memoryAccess } from '../support/access.ts';
import { doorOf } from '../support/door.ts';
import { createVirtualClock, type VirtualClock } from '../support/virtual-clock.ts';

let clock: VirtualClock;
let access: Access;
let door: ReturnType<typeof doorOf>;
let made: number;
beforeEach(() => {
  clock = createVirtualClock(1_800_000_000_000);
  access = memoryAccess(clock);
  made = 0;
  const answers = { 204: { about: 'Made' } };
  const make = route({ method: 'post', path: '/make', role: 'operator', about: 'Makes', answers }, () => {
    made += 1;
    return { status: 204 };
  });
  const routes = [...sessionRoutes({ ...access, clock, secure: false }), make];
  door = doorOf(routes, { guard: createGuard(access) });
});

const host = { host: '127.0.0.1:8081' };
const own = { ...host, origin: 'http://127.0.0.1:8081' };
const ask = (method: string, path: string, headers: Record<string, string>, body?: unknown) =>
  door.request(path, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const codeOf = async (answer: Response): Promise<unknown> => ((await answer.json()) as { code?: unknown }).code;
const keyOf = async (role: Role) => access.keys.create({ name: 'Ada', role });
const linkOf = async (keyId: string) => ((await access.links.issue(keyId)) as { secret: string }).secret;

async function logIn(body: object): Promise<{ readonly answer: Response; readonly cookie: string }> {
  const answer = await ask('POST', '/v1/session', own, body);
  return { answer, cookie: answer.headers.get('set-cookie')?.split(';')[0] ?? '' };
}

describe('a session', () => {
  test('is begun by a key, as a cookie that no page can read and no other site can send', async () => {
    const { text } = await keyOf('operator');
    const { answer, cookie } = await logIn({ key: text });
    expect([answer.status, await answer.json()]).toEqual([200, { name: 'Ada', role: 'operator' }]);
    expect(answer.headers.get('set-cookie')).toMatch(
      /^voicechart_8081=[\w-]{43}; Path=\/; Max-Age=3600; HttpOnly; SameSite=Strict$/,
    );
    const who = await ask('GET', '/v1/session', { ...host, cookie });
    expect(await who.json()).toEqual({ name: 'Ada', role: 'operator' });
  });

  test('behind https its cookie is for https alone', async () => {
    const secure = doorOf(sessionRoutes({ ...access, clock, secure: true }), { guard: createGuard(access) });
    const { text } = await keyOf('viewer');
    const headers = { ...own, 'content-type': 'application/json' };
    const answer = await secure.request('/v1/session', {
      method: 'POST',
      headers,
      body: JSON.stringify({ key: text }),
    });
    expect(answer.headers.get('set-cookie')).toMatch(/; SameSite=Strict; Secure$/);
  });

  test.each([
    [{ key: 'vck_nonsense' }, 401, 'key_wrong'],
    [{ link: 'nonsense' }, 401, 'link_used'],
    [{ key: 7 }, 400, 'invalid'],
    [{}, 400, 'invalid'],
    [{ key: 'x', link: 'y' }, 400, 'invalid'],
    [{ key: 'x'.repeat(201) }, 400, 'invalid'],
  ])('is not begun by %j', async (body, status, code) => {
    const { answer, cookie } = await logIn(body);
    expect([answer.status, await codeOf(answer), cookie]).toEqual([status, code, '']);
  });

  test('changes something only for a page that says it is ours', async () => {
    const { cookie } = await logIn({ key: (await keyOf('operator')).text });
    const bare = await ask('POST', '/make', { ...host, cookie });
    expect([bare.status, await codeOf(bare)]).toEqual([403, 'origin_missing']);
    const foreign = await ask('POST', '/make', { ...host, cookie, origin: 'http://localhost:3000' });
    expect([foreign.status, await codeOf(foreign)]).toEqual([403, 'origin_not_allowed']);
    expect(made).toBe(0);
    expect([(await ask('POST', '/make', { ...own, cookie })).status, made]).toEqual([204, 1]);
  });

  test('is looked at beside the login of a proxy, which is none of ours', async () => {
    const { cookie } = await logIn({ key: (await keyOf('operator')).text });
    const authorization = 'Basic YWRhOmNhbmFyeQ==';
    expect((await ask('POST', '/make', { ...own, cookie, authorization })).status).toBe(204);
    expect(await codeOf(await ask('POST', '/make', { ...host, authorization }))).toBe('key_missing');
    expect(await codeOf(await ask('POST', '/make', { ...own, cookie, authorization: 'Bearer' }))).toBe('key_wrong');
  });

  test('a key needs no such word: no browser sends it by itself', async () => {
    const authorization = `Bearer ${(await keyOf('operator')).text}`;
    expect([(await ask('POST', '/make', { ...host, authorization })).status, made]).toEqual([204, 1]);
  });

  test('ends by logging out, for whoever kept its cookie too', async () => {
    const { cookie } = await logIn({ key: (await keyOf('viewer')).text });
    const out = await ask('DELETE', '/v1/session', { ...own, cookie });
    expect([out.status, out.headers.get('set-cookie')]).toEqual([
      204,
      expect.stringMatching(/^voicechart_8081=; .*Max-Age=0;/),
    ]);
    expect(await codeOf(await ask('GET', '/v1/session', { ...host, cookie }))).toBe('session_over');
  });

  test('ends with its time, and with its key', async () => {
    const [one, other] = [await keyOf('viewer'), await keyOf('viewer')];
    const { cookie } = await logIn({ key: one.text });
    await access.keys.revoke(one.key.id);
    expect(await codeOf(await ask('GET', '/v1/session', { ...host, cookie }))).toBe('key_revoked');
    const second = await logIn({ key: other.text });
    await clock.advance(3_600_000);
    expect(await codeOf(await ask('GET', '/v1/session', { ...host, cookie: second.cookie }))).toBe('session_over');
  });

  test('there are so many at once, and so many of a key: whoever logs in too often locks nobody out', async () => {
    const [often, other] = [await keyOf('viewer'), await keyOf('viewer')];
    const cookies: string[] = [];
    for (let count = 0; count < 9; count += 1) {
      cookies.push((await logIn({ key: often.text })).cookie);
      await clock.advance(1);
    }
    const told = await Promise.all(cookies.map((cookie) => ask('GET', '/v1/session', { ...host, cookie })));
    expect(told.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401, 401, 200, 200, 200]);
    for (const _ of [1, 2]) expect((await logIn({ key: other.text })).answer.status).toBe(200);
    const late = await keyOf('viewer');
    const { answer } = await logIn({ key: late.text });
    expect([answer.status, await codeOf(answer)]).toEqual([503, 'sessions_full']);
    await access.keys.revoke(often.key.id);
    expect((await logIn({ key: late.text })).answer.status).toBe(200);
  });

  test('a cookie of another instance on this machine is another cookie', async () => {
    const { cookie } = await logIn({ key: (await keyOf('viewer')).text });
    expect(await codeOf(await ask('GET', '/v1/session', { host: '127.0.0.1:9000', cookie }))).toBe('key_missing');
  });
});

describe('a link', () => {
  test('logs in once, as its key may', async () => {
    const { key } = await keyOf('operator');
    const link = await linkOf(key.id);
    const { answer, cookie } = await logIn({ link });
    expect([answer.status, await answer.json()]).toEqual([200, { name: 'Ada', role: 'operator' }]);
    expect((await ask('GET', '/v1/session', { ...host, cookie })).status).toBe(200);
    const again = await logIn({ link });
    expect([again.answer.status, await again.answer.json()]).toMatchObject([
      401,
      { code: 'link_used', title: 'This link was used, or is too old', fix: 'Ask for a new one, or log in with a key' },
    ]);
  });

  test('is too old after a while, and worth nothing once its key is revoked', async () => {
    const [one, other] = [await keyOf('viewer'), await keyOf('viewer')];
    const [early, orphan] = [await linkOf(one.key.id), await linkOf(other.key.id)];
    await access.keys.revoke(other.key.id);
    expect(await codeOf((await logIn({ link: orphan })).answer)).toBe('link_used');
    await clock.advance(60_000);
    expect(await codeOf((await logIn({ link: early })).answer)).toBe('link_used');
  });
});
