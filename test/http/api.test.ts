import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as rawRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from '../support/properties.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createMemoryLog } from '../../src/adapters/memory/call-log.ts';
import { systemClock } from '../../src/clock.ts';
import { callRoutes } from '../../src/http/calls.ts';
import { consoleRoutes } from '../../src/http/console.ts';
import { consoleFile } from '../../src/http/static-files.ts';
import { listen } from '../../src/http/listen.ts';
import type { CallLog } from '../../src/runtime/call-log.ts';
import type { CallCommand, Calls } from '../../src/runtime/calls.ts';
import { followLog } from '../../src/runtime/follow-log.ts';
import { endedEntry, started, stateEntry } from '../support/call-drafts.ts';
import { doorOf } from '../support/door.ts';

let folder: string;
let log: CallLog;
let told: [string, CallCommand][];
let failures: unknown[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'voicechart-console-'));
  await mkdir(join(folder, 'dist', 'assets'), { recursive: true });
  await writeFile(join(folder, 'dist', 'index.html'), '<title>console</title>');
  await writeFile(join(folder, 'dist', 'assets', 'app-1a2b.js'), 'run()');
  await writeFile(join(folder, 'dist', 'assets', 'app-1a2b.css'), 'body{}');
  await writeFile(join(folder, 'secret.txt'), 'canary');
  await writeFile(join(folder, 'secret'), 'canary');
});
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(() => {
  log = createMemoryLog();
  told = [];
  failures = [];
});

const oddId = 'voice-ai-call_+15550123/ä %~SCL_1';
const pathOf = (id: string, rest = '') => `/v1/calls/${encodeURIComponent(id)}${rest}`;

/** Calls out of a log, all of them live until they ended. */
function callsOf(): Calls {
  return {
    list: (options) => log.calls(options),
    async get(id) {
      const summary = await log.summary(id);
      return summary && { ...summary, live: summary.endedAt === undefined, value: 'talking' };
    },
    entries: (id, options) => followLog(log, id, options),
    async command(id, command) {
      const summary = await log.summary(id);
      if (summary === undefined) return 'unknown';
      if (summary.endedAt !== undefined) return 'ended';
      told.push([id, command]);
      return 'taken';
    },
  };
}

const open = (calls = callsOf(), consoleFolder = join(folder, 'dist')) =>
  doorOf(
    [
      ...callRoutes({ calls, clock: systemClock }),
      ...consoleRoutes({ chart: () => ({ charts: [{ id: 'call' }] }), folder: consoleFolder }),
    ],
    { failed: (error) => failures.push(error) },
  );

const host = { host: '127.0.0.1:8081' };
const get = (door: ReturnType<typeof open>, path: string, headers: Record<string, string> = {}) =>
  door.request(path, { headers: { ...host, ...headers } });
const post = (door: ReturnType<typeof open>, path: string, body: unknown, headers: Record<string, string> = {}) =>
  door.request(path, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { ...host, 'content-type': 'application/json', ...headers },
  });

const json = (response: Response): Promise<any> => response.json();

describe('calls over HTTP', () => {
  test('lists them, newest first, page by page', async () => {
    for (const id of ['a', 'b', 'c']) await log.append(id, 1, [started()]);
    const door = open();
    const page = await json(await get(door, '/v1/calls?limit=2'));
    expect(page.calls.map((call: { callKey: string }) => call.callKey)).toEqual(['c', 'b']);
    const rest = await json(await get(door, `/v1/calls?limit=2&before=${page.next}`));
    expect(rest.calls.map((call: { callKey: string }) => call.callKey)).toEqual(['a']);
    expect(rest.next).toBeUndefined();
  });

  test('shows one, whatever its name', async () => {
    await log.append(oddId, 1, [started()]);
    const response = await get(open(), pathOf(oddId));
    expect(await json(response)).toMatchObject({
      callKey: oddId,
      live: true,
      value: 'talking',
      room: 'voice-ai-call-1',
    });
  });

  test('tells a call to say something and to hang up', async () => {
    await log.append(oddId, 1, [started()]);
    const door = open();
    const said = await post(door, pathOf(oddId, '/commands'), { type: 'say', text: '  Einen Moment, 日本!  ' });
    expect([said.status, await said.json()]).toEqual([202, { taken: 'say' }]);
    expect((await post(door, pathOf(oddId, '/commands'), { type: 'hang_up' })).status).toBe(202);
    expect(told).toEqual([
      [oddId, { type: 'say', text: 'Einen Moment, 日本!' }],
      [oddId, { type: 'hang_up' }],
    ]);
  });

  test.each<[string, unknown, number, string, string | undefined]>([
    ['too long a text', { type: 'say', text: 'x'.repeat(501) }, 400, 'invalid', 'text'],
    ['an empty text', { type: 'say', text: '  ' }, 400, 'invalid', 'text'],
    ['no text', { type: 'say' }, 400, 'invalid', 'text'],
    ['control characters', { type: 'say', text: 'a\u0007b' }, 400, 'invalid', 'text'],
    ['another command', { type: 'sing' }, 400, 'invalid', 'type'],
    ['more than is allowed', { type: 'hang_up', now: true }, 400, 'invalid', 'body'],
    ['no object', [], 400, 'invalid', 'body'],
    ['no JSON', '{"type":', 400, 'not_json', 'body'],
    ['a book', { type: 'say', text: 'x'.repeat(20_000) }, 413, 'too_large', undefined],
  ])('a command with %s is refused by field, with the way to mend it', async (_, body, status, code, field) => {
    await log.append('a', 1, [started()]);
    const response = await post(open(), pathOf('a', '/commands'), body);
    const answer = await json(response);
    expect([response.status, answer.code, answer.field]).toEqual([status, code, field]);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    if (status === 400) expect(answer.fix).toMatch(/Send/);
    expect(told).toEqual([]);
  });

  test('a body of another type is refused: no page of another site can send JSON without asking', async () => {
    const response = await post(
      open(),
      pathOf('a', '/commands'),
      { type: 'hang_up' },
      { 'content-type': 'text/plain' },
    );
    expect([response.status, (await json(response)).code]).toEqual([415, 'not_json']);
  });

  test.each([
    ['GET', '/v1/calls?limit=0', 'limit'],
    ['GET', '/v1/calls?limit=1000', 'limit'],
    ['GET', '/v1/calls?limit=ten', 'limit'],
    ['GET', '/v1/calls?before=-1', 'before'],
    ['GET', '/v1/calls/a/events?after=x', 'after'],
  ])('%s %s names %s', async (_, path, field) => {
    const response = await get(open(), path);
    expect([response.status, (await json(response)).field]).toEqual([400, field]);
  });

  test('a call that is not there, and one that is over', async () => {
    await log.append('over', 1, [started(), endedEntry()]);
    const door = open();
    for (const response of [await get(door, pathOf('x')), await get(door, pathOf('x', '/events'))])
      expect([response.status, (await json(response)).code]).toEqual([404, 'call_unknown']);
    const commanded = [pathOf('x', '/commands'), pathOf('over', '/commands')].map((path) =>
      post(door, path, { type: 'hang_up' }),
    );
    const answers = await Promise.all((await Promise.all(commanded)).map(json));
    expect(answers).toMatchObject([
      { status: 404, code: 'call_unknown' },
      { status: 409, code: 'call_ended' },
    ]);
  });

  test('what fails inside is 503 to the outside, and told within', async () => {
    const door = open({ ...callsOf(), list: () => Promise.reject(new Error('canary')) });
    const response = await get(door, '/v1/calls');
    expect([response.status, await response.text()]).toEqual([503, expect.not.stringContaining('canary')]);
    expect(failures).toEqual([new Error('canary')]);
  });

  test('the chart is there to be drawn', async () => {
    expect(await json(await get(open(), '/v1/chart'))).toEqual({ charts: [{ id: 'call' }] });
  });
});

describe('the operators’ door serves this machine only', () => {
  test.each(['127.0.0.1', '127.0.0.1:8081', 'localhost:9000', '[::1]:8081', 'LOCALHOST'])(
    'Host %s is let in',
    async (name) => {
      expect((await open().request('/v1/chart', { headers: { host: name } })).status).toBe(200);
    },
  );

  test.each([
    'evil.example',
    'evil.example:8081',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    '10.0.0.1',
    '[::2]',
    '',
  ])('Host "%s" is refused: a page may have rebound its name to us', async (name) => {
    const response = await open().request('/v1/chart', { headers: { host: name } });
    expect([response.status, (await json(response)).code]).toEqual([403, 'host_not_allowed']);
  });

  test.each([
    'http://evil.example',
    'null',
    'http://localhost:3000',
    'https://127.0.0.1:8081',
    'http://127.0.0.1:8081.evil.example',
  ])('a page of %s can neither read nor command', async (origin) => {
    await log.append('a', 1, [started()]);
    const door = open();
    const read = await get(door, '/v1/calls', { origin });
    const commanded = await post(door, pathOf('a', '/commands'), { type: 'hang_up' }, { origin });
    expect([read.status, commanded.status, told]).toEqual([403, 403, []]);
    expect(read.headers.get('access-control-allow-origin')).toBeNull();
  });

  test('its own pages may', async () => {
    expect((await get(open(), '/v1/calls', { origin: 'http://127.0.0.1:8081' })).status).toBe(200);
  });
});

describe('the operators’ door behind a proxy', () => {
  const url = 'https://calls.example.org';
  const ask = (headers: Record<string, string>) =>
    doorOf(callRoutes({ calls: callsOf(), clock: systemClock }), { publicUrl: url }).request('/v1/calls', { headers });

  test.each<[Record<string, string>, number]>([
    [{ host: 'calls.example.org' }, 200],
    [{ host: 'Calls.Example.org', origin: url }, 200],
    [{ host: '127.0.0.1:8081' }, 200],
    [{ host: '127.0.0.1:8081', origin: 'http://127.0.0.1:8081' }, 200],
    [{ host: 'calls.example.org', origin: 'http://calls.example.org' }, 403],
    [{ host: 'calls.example.org', origin: 'https://evil.example' }, 403],
    [{ host: 'calls.example.org:8443' }, 403],
    [{ host: 'evil.example' }, 403],
  ])('%j is answered %i', async (headers, status) => {
    const answer = await ask(headers);
    expect(answer.status).toBe(status);
    if (status === 403) expect((await json(answer)).fix).toBe(`Open it by ${url}`);
  });
});

describe('the console’s files', () => {
  test.each([
    ['/console/', 'text/html; charset=utf-8', '<title>console</title>', 'no-cache'],
    ['/console/calls/abc', 'text/html; charset=utf-8', '<title>console</title>', 'no-cache'],
    ['/console/assets/app-1a2b.js', 'text/javascript; charset=utf-8', 'run()', 'public, max-age=31536000, immutable'],
    ['/console/assets/app-1a2b.css', 'text/css; charset=utf-8', 'body{}', 'public, max-age=31536000, immutable'],
  ])('%s', async (path, type, content, caching) => {
    const response = await get(open(), path);
    expect(await response.text()).toBe(content);
    const headers = ['content-type', 'cache-control', 'x-content-type-options'].map((name) =>
      response.headers.get(name),
    );
    expect(headers).toEqual([type, caching, 'nosniff']);
    expect(response.headers.get('content-security-policy')).toContain(`default-src 'none'; script-src 'self'`);
  });

  test('the door opens on them', async () => {
    for (const path of ['/', '/console']) {
      const response = await get(open(), path);
      expect([response.status, response.headers.get('location')]).toEqual([302, '/console/']);
    }
  });

  test.each(['/console/assets/none.js', '/console/%00', '/console/a%00b/c'])('%s is not found', async (path) => {
    expect((await get(open(), path)).status).toBe(404);
  });

  test('not built yet, the page says what to do', async () => {
    const response = await get(open(callsOf(), join(folder, 'nothing')), '/console/');
    expect([response.status, await response.text()]).toEqual([503, expect.stringContaining('npm run build')]);
  });

  test.each([
    '/console/../secret.txt',
    '/console/%2e%2e/secret.txt',
    '/console/..%2fsecret.txt',
    '/console/%2e%2e%2fsecret.txt',
    '/console/assets/..%5c..%5csecret.txt',
    '/console//etc/hosts.txt',
    '/console/%00secret.txt',
    '/console/..%2fsecret',
  ])('nothing outside its folder is served: %s', async (path) => {
    const listener = await listen(open(), {
      address: { host: '127.0.0.1', port: 0 },
      setting: 'API_ADDR',
      clock: systemClock,
    });
    const answer = await new Promise<string>((resolve, reject) => {
      const asked = rawRequest({ port: listener.address.port, host: '127.0.0.1', path, agent: false }, (response) => {
        let text = '';
        response.on('data', (data) => (text += data)).on('end', () => resolve(text));
      });
      asked.on('error', reject).end();
    });
    await listener.close();
    expect(answer).not.toContain('canary');
  });
});

test('nor by whoever asks for a file directly', async () => {
  for (const path of ['../secret.txt', '/../secret.txt', 'assets/../../secret.txt', '/assets/\0/../../secret.txt'])
    expect(await consoleFile(join(folder, 'dist'), path)).toBeUndefined();
});

test('whatever is asked is answered: never a crash, never a 5xx', async () => {
  await log.append('a', 1, [started(), stateEntry('x'), endedEntry()]);
  const door = open();
  const segment = fc.oneof(
    fc.constantFrom('v1', 'calls', 'a', 'events', 'commands', 'console', 'chart', '%', '%E0%A4%A'),
    fc.string(),
  );
  const path = fc.array(segment, { maxLength: 5 }).map((parts) => `/${parts.join('/')}`);
  const method = fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS');
  const body = fc.oneof(
    fc.json(),
    fc.string(),
    fc.record({ type: fc.constantFrom('say', 'hang_up'), text: fc.anything() }).map((value) => JSON.stringify(value)),
  );
  await fc.assert(
    fc.asyncProperty(method, path, body, fc.webQueryParameters(), async (method, path, sent, query) => {
      const url = URL.parse(`http://127.0.0.1:8081${path}?${query}`);
      if (url === null) return;
      const headers = { ...host, 'content-type': 'application/json' };
      const response = await door.request(url.href, { method, headers, ...(method === 'POST' ? { body: sent } : {}) });
      expect(response.status).toBeLessThan(500);
      await response.body?.cancel();
    }),
    { numRuns: 300 },
  );
  expect(failures).toEqual([]);
});
