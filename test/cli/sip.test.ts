import { createServer } from 'node:http';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SipClient } from 'livekit-server-sdk';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { listen } from '../../emulators/kit/front.ts';
import { sip } from '../../src/cli/sip.ts';
import { spawnOwned } from '../../tools/lib/owned.ts';
import { freeTcpPort } from '../../tools/lib/ports.ts';
import { startLivekitWithRedis } from '../support/livekit-with-redis.ts';

const password = 'canary-password';
const file = (numbers: readonly string[], extra = '') => `
inbound:
  door:
    numbers: ${JSON.stringify(numbers)}
    auth: { username: ada, password: "\${SIP_PASSWORD}" }
${extra}rules:
  dispatch: { trunks: [door], room: { prefix: voice-ai-call }, agent: receptionist }
backup:
  inbound: { spare: { numbers: ${JSON.stringify(numbers)}, allowedAddresses: [198.51.100.7] } }
  rules: { dispatch: { trunks: [spare], room: { prefix: voice-ai-call }, agent: receptionist } }
`;

const nowhere = async () => ({
  LIVEKIT_URL: `ws://127.0.0.1:${await freeTcpPort()}`,
  LIVEKIT_API_KEY: 'key',
  LIVEKIT_API_SECRET: 'x'.repeat(32),
  SIP_PASSWORD: password,
});

describe('voicechart sip, without a server', () => {
  let folder: string;
  beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'voicechart-sip-'))));
  afterAll(() => rm(folder, { recursive: true }));
  it('help says what every verb, option and exit code is', async () => {
    for (const args of [[], ['--help'], ['diff', '-h']]) {
      const { code, out } = await voicechart(args, {});
      expect([
        code,
        ...['diff', 'apply', 'export', '--prune', '--backup', '--json', '69', '78'].filter(
          (word) => !out.includes(word),
        ),
      ]).toEqual([0]);
    }
  });

  it.each([['mend'], ['diff', 'apply'], ['diff', '--prun'], ['diff', '--file']])(
    '%s %s is not understood',
    async (...args) => {
      const { code, out, notes } = await voicechart(args, {});
      expect([code, out]).toEqual([64, '']);
      expect(notes).toMatch(/^voicechart sip: .+\n\nUsage: /);
    },
  );

  it('a bad file is told line by line with its place, settings too, and no request is made', async () => {
    const path = join(folder, 'bad.yaml');
    await writeFile(path, 'inbound:\n  a:\n    numbers: [+49301]\n    colour: red\n  b: {}\n');
    const { code, notes } = await voicechart(['apply', '-f', path], { LIVEKIT_URL: 'nowhere' });
    expect(code).toBe(78);
    expect(notes.split('\n')).toEqual([
      expect.stringMatching(/bad\.yaml:4:5: inbound\.a\.colour: there is no such field; there are numbers, /),
      expect.stringMatching(/^LIVEKIT_URL: must be a URL /),
      'LIVEKIT_API_KEY: is missing',
      'LIVEKIT_API_SECRET: is missing',
      '',
    ]);
    const json = await voicechart(['diff', '--json', '-f', path], await nowhere());
    expect([json.code, JSON.parse(json.out)]).toMatchObject([
      78,
      { result: 'refused', problems: [{ line: 4, column: 5 }] },
    ]);
  });

  it('a file that is not there, or has no backup set, is a bad file', async () => {
    const missing = await voicechart(['diff', '-f', join(folder, 'none.yaml')], await nowhere());
    expect([missing.code, missing.notes]).toEqual([78, expect.stringMatching(/none\.yaml: cannot be read \(ENOENT\)/)]);
    const path = join(folder, 'small.yaml');
    await writeFile(path, 'inbound: {}\n');
    const { code, notes } = await voicechart(['apply', '--backup', '-f', path], await nowhere());
    expect([code, notes]).toEqual([78, expect.stringMatching(/has no backup set/)]);
  });

  it.each([
    ['500', 500, '{"code":"internal","msg":"sip not connected (redis required)"}', 69],
    ['503', 503, 'busy', 69],
    ['no JSON', 200, 'hello', 69],
    ['404, as where no LiveKit is', 404, 'not found', 1],
    ['429', 429, '{"code":"resource_exhausted","msg":"slower"}', 1],
    ['a token of ours in its refusal', 401, 'invalid token: eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJhIn0.c2ln', 77],
  ])('a server that answers %s', async (_, status, body, expected) => {
    const odd = createServer((_request, response) => {
      const type = body.startsWith('{') ? 'application/json' : 'text/plain';
      response.writeHead(status, { 'content-type': type }).end(body);
    });
    const port = await listen(odd, 0);
    onTestFinished(() => void odd.close().closeAllConnections());
    const path = join(folder, 'good.yaml');
    await writeFile(path, file(['+49301']));
    const env = { ...(await nowhere()), LIVEKIT_URL: `http://127.0.0.1:${port}` };
    for (const verb of ['diff', 'apply']) {
      const { code, out, notes } = await voicechart([verb, '-f', path], env);
      expect([code, out]).toEqual([expected, '']);
      expect(notes).toMatch(/^voicechart sip \w+: LiveKit: ./);
      expect(notes).not.toMatch(/eyJ|canary/);
    }
    const json = await voicechart(['diff', '--json', '-f', path], env);
    expect(JSON.parse(json.out)).toMatchObject({ result: 'failed', failure: { vendor: 'livekit' } });
  });

  it.each([['diff'], ['apply'], ['export']])('%s: a server that is not there is 69', async (verb) => {
    const path = join(folder, 'good.yaml');
    await writeFile(path, file(['+49301']));
    const { code, out, notes } = await voicechart([verb, '-f', path], await nowhere());
    expect([code, out]).toEqual([69, '']);
    expect(notes).toMatch(/LiveKit: /);
    expect(notes).not.toContain('canary');
  });
});

describe('voicechart sip, against a real server', () => {
  let server: Awaited<ReturnType<typeof startLivekitWithRedis>>;
  let folder: string;
  let env: Record<string, string>;
  let path: string;

  beforeAll(async () => {
    server = await startLivekitWithRedis();
    folder = await mkdtemp(join(tmpdir(), 'voicechart-sip-'));
    path = join(folder, 'sip.yaml');
    const { url, apiKey, apiSecret } = server;
    env = { LIVEKIT_URL: url, LIVEKIT_API_KEY: apiKey, LIVEKIT_API_SECRET: apiSecret, SIP_PASSWORD: password };
  });
  afterAll(async () => {
    await server?.stop();
    await rm(folder, { recursive: true });
  });
  beforeEach(async () => {
    await writeFile(path, 'inbound: {}\n');
    await voicechart(['apply', '--prune', '-f', path], env);
    await writeFile(path, file(['+49301']));
  });

  const run = async (...args: string[]) => {
    const ran = await voicechart([...args, '-f', path], env);
    expect(ran.out + ran.notes).not.toContain('canary');
    return ran;
  };

  it('diff tells what apply then does; after it they agree', async () => {
    const told = await run('diff');
    expect(told.code).toBe(2);
    expect(told.out).toContain('+ inbound trunk door\n      numbers: +49301\n');
    expect(told.out).toContain('auth: password [secret], username ada');
    expect(await run('apply')).toMatchObject({
      code: 0,
      out: expect.stringContaining('as the file says now:\n  + inbound'),
    });
    expect(await run('diff')).toEqual({ code: 0, out: 'The server is as the file says.\n', notes: '' });
    expect(await run('apply')).toMatchObject({ code: 0, out: expect.stringMatching(/nothing was changed/) });
    const json = await run('diff', '--json');
    expect(JSON.parse(json.out)).toEqual({ result: 'same', changes: [], blocked: [], extra: [] });
  });

  it('apply --backup puts the other set in the place of the main one, and back', async () => {
    await run('apply');
    const there = await run('apply', '--backup', '--json');
    expect(JSON.parse(there.out)).toMatchObject({
      result: 'applied',
      changes: [{ do: 'replace', name: 'spare', was: 'door' }],
      extra: [],
    });
    expect((await run('diff')).code).toBe(2);
    expect((await run('diff', '--backup')).code).toBe(0);
    await run('apply');
    expect((await run('diff')).code).toBe(0);
  });

  it('what the file does not name is told, holds back, and is deleted by --prune alone', async () => {
    const client = new SipClient(server.httpUrl, server.apiKey, server.apiSecret);
    await client.createSipInboundTrunk('theirs', ['+49301', '+49302']);
    expect((await run('diff')).out).toMatch(
      /! inbound trunk theirs \(ST_\w+\) is not in the file and has what door is to have/,
    );
    const held = await run('apply');
    expect([held.code, held.out.split('\n').length]).toEqual([1, 3]);
    expect(held.out).toMatch(/^Nothing was changed:\n {2}! inbound trunk theirs /);
    expect((await run('apply', '--prune')).code).toBe(0);
    expect((await client.listSipInboundTrunk()).map(({ name }) => name)).toEqual(['door']);
  });

  it('export prints what can be applied, and which variables it needs', async () => {
    await run('apply');
    const { code, out, notes } = await run('export');
    expect([code, notes]).toEqual([0, 'to be set before it is applied: SIP_DOOR_PASSWORD\n']);
    await writeFile(path, out);
    expect((await voicechart(['diff', '--prune', '-f', path], { ...env, SIP_DOOR_PASSWORD: password })).code).toBe(0);
    expect((await voicechart(['diff', '-f', path], { ...env, SIP_DOOR_PASSWORD: 'other' })).code).toBe(2);
  });

  it('a key without the right is 77', async () => {
    const { code, notes } = await voicechart(['diff', '-f', path], { ...env, LIVEKIT_API_SECRET: 'y'.repeat(40) });
    expect(code).toBe(77);
    expect(notes).not.toMatch(/eyJ/);
  });

  it('killed in the middle of many, the next run ends it, and two at once end right', async () => {
    const trunks = Array.from(
      { length: 60 },
      (_, n) => `  more-${n}: { numbers: [+4940${n}], allowedAddresses: [203.0.113.9] }\n`,
    );
    await writeFile(path, file(['+49301', '+49302'], trunks.join('')));
    const client = new SipClient(server.httpUrl, server.apiKey, server.apiSecret);
    const killed = start(['sip', 'apply', '-f', path], env);
    await expect
      .poll(async () => (await client.listSipInboundTrunk()).length, { timeout: 30_000, interval: 5 })
      .toBeGreaterThan(5);
    killed.kill();
    expect((await killed.exited).signal).toBe('SIGKILL');
    expect((await run('diff')).code).toBe(2);
    const both = await Promise.all([1, 2].map(() => start(['sip', 'apply', '-f', path], env).exited));
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect((await run('diff', '--prune')).code).toBe(0);
    expect(await client.listSipInboundTrunk()).toHaveLength(61);
  });

  it('asked to stop, it ends before its next request and says so', async () => {
    const stop = new AbortController();
    stop.abort();
    expect(await voicechart(['apply', '-f', path], env, stop.signal)).toMatchObject({
      code: 130,
      notes: expect.stringMatching(/^stopped/),
    });
  });
});

async function voicechart(args: readonly string[], env: Record<string, string>, signal = new AbortController().signal) {
  let [out, notes] = ['', ''];
  const world = {
    env,
    signal,
    out: (text: string) => void (out += text),
    random: () => 0.5,
    note: (text: string) => void (notes += text),
  };
  const code = await sip.run(args, world);
  return { code, out, notes };
}

function start(args: readonly string[], env: Record<string, string>) {
  const main = new URL('../../src/cli/main.ts', import.meta.url).pathname;
  return spawnOwned(process.execPath, [main, ...args], { env: { PATH: process.env['PATH'], ...env } });
}
