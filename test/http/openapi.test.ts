import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Operation } from '../../src/http/openapi-types.ts';
import { pageQuery } from '../../src/http/pages.ts';
import { route, type Route } from '../../src/http/route.ts';
import { doorOf } from '../support/door.ts';

const full = { status: 409, code: 'hall_full', title: 'The <hall> is full' } as const;
const seat = z.object({
  row: z.int().min(1).max(20).meta({ description: 'From the stage & back' }),
  free: z.boolean(),
});

const routes: readonly Route[] = [
  route(
    {
      method: 'get',
      path: '/v1/halls/{name}/seats',
      role: 'viewer',
      tag: 'Halls',
      about: 'Seats of a hall',
      params: z.object({ name: z.string() }),
      query: pageQuery(200),
      answers: {
        200: { about: 'A page', body: z.object({ seats: z.array(seat).readonly(), next: z.int().optional() }) },
      },
    },
    () => ({ status: 200, body: { seats: [] } }),
  ),
  route(
    {
      method: 'post',
      path: '/v1/halls/{name}/seats',
      role: 'admin',
      tag: 'Halls',
      about: 'Takes a <seat>',
      params: z.object({ name: z.string() }),
      body: z.strictObject({ row: z.int().min(1).max(20), kind: z.enum(['box', 'pit']).optional() }),
      idempotency: 'optional',
      answers: { 201: { about: 'Taken', body: seat } },
      problems: [full],
    },
    () => full,
  ),
  route(
    {
      method: 'put',
      path: '/v1/halls/{name}/seats',
      role: 'admin',
      tag: 'Halls',
      about: 'Keeps its own name',
      params: z.object({ name: z.string() }),
      idempotency: 'own',
      answers: { 204: { about: 'Kept' } },
    },
    () => ({ status: 204 }),
  ),
  route({ method: 'get', path: '/hidden', role: 'anyone', about: 'Hidden', answers: { 204: { about: 'x' } } }, () => ({
    status: 204,
  })),
];

const get = (path: string) => doorOf(routes).request(path, { headers: { host: '127.0.0.1:8081' } });

const document = async (): Promise<any> => (await get('/openapi.json')).json();
const operation = async (method: string): Promise<Operation> =>
  (await document()).paths['/v1/halls/{name}/seats'][method];

describe('GET /openapi.json', () => {
  test('R8.4 is OpenAPI 3.1, has what is meant to be used and nothing else, and says which role each takes', async () => {
    const { openapi, paths, components } = await document();
    expect([openapi, Object.keys(paths)]).toEqual(['3.1.0', ['/v1/halls/{name}/seats']]);
    expect(components.securitySchemes.key).toMatchObject({ type: 'http', scheme: 'bearer' });
    expect((await operation('get'))['x-role']).toBe('viewer');
    expect((await operation('post')).description).toBe('Needs the role admin.');
  });

  test('is made once, however often anybody asks for it', async () => {
    let made = 0;
    const [first, ...rest] = routes;
    const counted: Route = {
      ...first!,
      shape: {
        ...first!.shape,
        get about() {
          made += 1;
          return 'Seats';
        },
      },
    };
    const door = doorOf([counted, ...rest]);
    const before = made;
    for (const _ of [1, 2, 3]) await door.request('/openapi.json', { headers: { host: '127.0.0.1:8081' } });
    expect([before > 0, made]).toEqual([true, before]);
  });

  test('tells what is asked: in the path, the query, the header and the body', async () => {
    const [list, take] = [await operation('get'), await operation('post')];
    expect(list.parameters.map(({ name, in: place, required }) => [name, place, required])).toEqual([
      ['name', 'path', true],
      ['limit', 'query', false],
      ['before', 'query', false],
    ]);
    expect(list.parameters[1]!.schema).toMatchObject({ type: 'integer', minimum: 1, maximum: 200 });
    expect(take.parameters.at(-1)).toMatchObject({ name: 'Idempotency-Key', in: 'header', required: false });
    expect(take.requestBody!.content['application/json']!.schema).toMatchObject({
      required: ['row'],
      additionalProperties: false,
      properties: { row: { type: 'integer', minimum: 1, maximum: 20 }, kind: { enum: ['box', 'pit'] } },
    });
  });

  test('tells every answer, with the codes of the refusals: those of the route and those of the door', async () => {
    const [{ responses }, own] = [await operation('post'), await operation('put')];
    expect(own.parameters.at(-1)).toMatchObject({ name: 'Idempotency-Key', required: true });
    expect(own.responses['400']!.description).toContain('`idempotency_key_invalid`');
    expect(Object.keys(own.responses).toSorted()).toEqual(['204', '400', '401', '403', '429', '503']);
    const statuses = ['201', '400', '401', '403', '409', '413', '415', '422', '429', '503'];
    expect(Object.keys(responses).toSorted()).toEqual(statuses);
    for (const code of ['hall_full', 'request_running', 'outcome_unknown'])
      expect(responses['409']!.description).toContain(`\`${code}\``);
    expect(responses['403']!.description).toContain('role_too_low');
    const refusals = Object.entries(responses).filter(([status]) => Number(status) >= 400);
    for (const [, { content }] of refusals)
      expect(content?.['application/problem+json']?.schema).toEqual({ $ref: '#/components/schemas/Problem' });
  });
});

describe('GET /docs', () => {
  test('shows every route with its role, fields and refusals', async () => {
    const page = await (await get('/docs')).text();
    for (const text of [
      '/v1/halls/{name}/seats',
      'viewer',
      'admin',
      'whole number, 1 to 20',
      'hall_full',
      'Idempotency-Key',
    ])
      expect(page).toContain(text);
    expect(page).not.toContain('/hidden');
  });

  test('loads nothing from elsewhere, runs no script, and takes words for words', async () => {
    const answer = await get('/docs');
    const page = await answer.text();
    expect(answer.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'self'; img-src 'self';/,
    );
    expect(page).not.toMatch(/<script|https?:\/\/| on\w+=| style=/i);
    expect(page).toContain('Takes a &lt;seat&gt;');
    expect(page).toContain('From the stage &amp; back');
    const style = await get('/docs/style.css');
    expect([style.status, style.headers.get('content-type')]).toEqual([200, 'text/css; charset=utf-8']);
    expect(await style.text()).not.toMatch(/@import|url\(/);
  });
});
