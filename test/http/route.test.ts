import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { route } from '../../src/http/route.ts';
import { livekitProblems } from '../../src/http/problem.ts';
import { ControlError, notPassedOn } from '../../src/runtime/control-error.ts';
import { doorOf } from '../support/door.ts';

const part = z.object({ size: z.int() });
const noThing = { status: 404, code: 'thing_unknown', title: 'There is no such thing', field: 'id' } as const;
const headers = { host: '127.0.0.1', 'content-type': 'application/json' };

/** A route as one is written, with what its handler does left open. */
const things = (handle: (id: string, size: number) => unknown) =>
  route(
    {
      method: 'post',
      path: '/v1/things/{id}',
      role: 'operator',
      tag: 'Things',
      about: 'Makes a thing larger',
      params: z.object({ id: z.string() }),
      query: z.object({ by: z.enum(['hand', 'saw']).optional() }),
      body: part,
      fix: 'Send {"size":1}',
      answers: { 201: { about: 'Larger', body: part } },
      problems: [noThing, ...livekitProblems],
    },
    async ({ params, body }) => ((await handle(params.id, body.size)) as undefined) ?? noThing,
  );
const post = (door: ReturnType<typeof doorOf>, body: unknown, path = '/v1/things/a') =>
  door.request(path, { method: 'POST', headers, body: JSON.stringify(body) });

const fail = (): never => {
  throw new Error('canary');
};

describe('a route', () => {
  test('reads what is asked, and its answer becomes JSON', async () => {
    const door = doorOf([things((id, size) => ({ status: 201, body: { size: size + id.length } }))]);
    const answer = await post(door, { size: 2 }, '/v1/things/%C3%A4%2Fb');
    expect([answer.status, await answer.json()]).toEqual([201, { size: 5 }]);
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  test('its problem is answered as one', async () => {
    const answer = await post(doorOf([things(() => undefined)]), { size: 2 });
    expect([answer.status, await answer.json()]).toEqual([404, { type: 'about:blank', ...noThing }]);
  });

  test.each([
    ['body', { size: 'x' }, '', 'size'],
    ['query', { size: 1 }, '?by=magic', 'by'],
  ])('a %s that cannot be read never reaches it', async (_, body, query, field) => {
    const door = doorOf([things(() => expect.unreachable())]);
    const answer = await post(door, body, `/v1/things/a${query}`);
    expect([answer.status, await answer.json()]).toMatchObject([
      400,
      { code: 'invalid', field, fix: 'Send {"size":1}' },
    ]);
  });

  test('another method of its address is refused with those there are', async () => {
    const answer = await doorOf([things(() => undefined)]).request('/v1/things/a', { headers, method: 'PUT' });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
  });

  test('a refusal of LiveKit’s is told with LiveKit’s word, and whether a retry can help', async () => {
    const failure = notPassedOn('limit', 'x').failure;
    const refuse = () => {
      const said = { ...failure, message: 'no such room', vendorCode: 'not_found', retryable: false };
      throw new ControlError('not_found', said, { field: 'room' });
    };
    const answer = await post(doorOf([things(refuse)]), { size: 1 });
    const told = { code: 'livekit_not_found', title: 'no such room', field: 'room', livekitCode: 'not_found' };
    expect([answer.status, await answer.json()]).toMatchObject([404, { ...told, retryable: false }]);
  });

  test('whatever else it throws is told within and 503 without', async () => {
    const failures: unknown[] = [];
    const answer = await post(doorOf([things(fail)], { failed: (error) => failures.push(error) }), { size: 1 });
    expect([answer.status, await answer.text()]).toEqual([503, expect.not.stringContaining('canary')]);
    expect(failures).toEqual([new Error('canary')]);
  });
});

describe('a door does not open', () => {
  const bare = { method: 'get', path: '/v1/things', about: 'Things', answers: { 204: { about: 'None' } } } as const;

  test.each([undefined, '', 'root', null])('R8.4 over a route whose role is %j', (role) => {
    const without = route({ ...bare, role: role as never }, () => ({ status: 204 }));
    expect(() => doorOf([without])).toThrow(
      'GET /v1/things has no role: declare one of viewer, operator, admin, or anyone',
    );
  });

  test('over an address that is not described', () => {
    const without = route({ ...bare, path: '/v1/things/{id}', role: 'viewer' }, () => ({ status: 204 }));
    expect(() => doorOf([without])).toThrow('GET /v1/things/{id} does not say in params what id is');
  });

  test('R8.4 a route without a role does not compile, nor does an answer that was not declared', () => {
    // @ts-expect-error no role
    route(bare, () => ({ status: 204 }));
    // @ts-expect-error 200 was not declared
    route({ ...bare, role: 'viewer' }, () => ({ status: 200 }));
    // @ts-expect-error this problem was not declared
    route({ ...bare, role: 'viewer' }, () => noThing);
    expect.assertions(0);
  });
});
