import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { callLogger, createLogger, type LoggerOptions } from '../../src/runtime/log.ts';
import { Secret } from '../../src/secret.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'voicechart-log-'));
});

afterEach(() => rm(folder, { recursive: true }));

function logIn(options: LoggerOptions = {}) {
  const path = join(folder, 'deep', 'voicechart.log');
  const log = createLogger({ to: path, clock: createVirtualClock(Date.UTC(2026, 10, 21)), ...options });
  const raw = async () => {
    await log.flush();
    return readFile(path, 'utf8');
  };
  const lines = async () =>
    (await raw())
      .trim()
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { log, raw, lines };
}

test('writes one line of JSON for each event, with level, time of the clock, code and message', async () => {
  const { log, lines } = logIn();
  log.info({ code: 'call.started', turns: 0, ok: true, none: undefined, nothing: null }, 'a call began');
  log.warn({ code: 'call.slow', tookMs: 12.5, list: [1, 'a'] }, '100 % slower: %s %d');
  expect(await lines()).toEqual([
    {
      level: 'info',
      time: '2026-11-21T00:00:00.000Z',
      code: 'call.started',
      turns: 0,
      ok: true,
      nothing: null,
      msg: 'a call began',
    },
    {
      level: 'warn',
      time: '2026-11-21T00:00:00.000Z',
      code: 'call.slow',
      tookMs: 12.5,
      list: [1, 'a'],
      msg: '100 % slower: %s %d',
    },
  ]);
});

test('leaves out what is below its level', async () => {
  const { log, lines } = logIn({ level: 'warn' });
  log.debug({ code: 'a' }, 'a');
  log.info({ code: 'b' }, 'b');
  log.error({ code: 'c' }, 'c');
  expect((await lines()).map(({ code }) => code)).toEqual(['c']);
});

test("a call's logger marks each of its lines with the call, masked like everything else", async () => {
  const { log, lines } = logIn();
  const call = callLogger(log, {
    callKey: 'voice-ai-call-7~sip_+15550199',
    room: 'voice-ai-call-7',
    epoch: 2,
    agent: 'receptionist',
  });
  call.info({ code: 'turn.ended', turn: 3 }, 'turn');
  call.child({ part: 'voice' }).error({ code: 'voice.failed' }, 'no voice');
  log.info({ code: 'other' }, 'other');
  const marked = { callKey: 'voice-ai-call-7~sip_+15…99', room: 'voice-ai-call-7', epoch: 2, agent: 'receptionist' };
  expect(await lines()).toMatchObject([
    { ...marked, code: 'turn.ended', turn: 3 },
    { ...marked, part: 'voice', code: 'voice.failed' },
    { code: 'other' },
  ]);
  expect((await lines())[2]).not.toHaveProperty('callKey');
});

test('R8.1 keys never get into the log, however they come', async () => {
  const { log, raw } = logIn();
  const hidden = 'hidden-value-42';
  const error = Object.assign(new Error(`refused Bearer_${hidden}`), { headers: { authorization: hidden } });
  log.error(
    { code: 'x', error, secretValue: new Secret(hidden), list: [new Secret(hidden)] },
    `Token ${hidden} refused`,
  );
  log.error(
    { code: 'x', cause: new Error('outer', { cause: error }), LIVEKIT_API_SECRET: hidden, apiKey: hidden },
    'x',
  );
  log.error({ code: 'x', request: { headers: { Authorization: hidden, cookie: hidden }, access_token: hidden } }, 'x');
  log.child({ password: hidden }).info({ code: 'x', jwt: `eyJhbGciOi.${hidden}.abc` }, 'x');
  // LiveKit puts passwords into its rooms and trunks.
  const livekit = { room: { turnPassword: hidden }, trunks: [{ auth_password: hidden, authPassword: hidden }] };
  log.error({ code: 'x', ...livekit }, JSON.stringify(livekit));
  const text = await raw();
  expect(text).not.toContain(hidden);
  expect(text.trim().split('\n')).toHaveLength(5);
});

test.each([
  // LiveKit names the room of a caller by his number: with its country, as it is dialled at home, or within a house.
  ['voice-ai-call-_0301234567_p5hfw8Tg8Ztr~SCL_9xkQ', 'voice-ai-call-_030…67_p5hfw8Tg8Ztr~SCL_9xkQ'],
  ['voice-ai-call-_+15550199_p5hfw8Tg8Ztr~SCL_9xkQ', 'voice-ai-call-_+15…99_p5hfw8Tg8Ztr~SCL_9xkQ'],
  ['voice-ai-call-_4711_p5hfw8Tg8Ztr~SCL_9xkQ', 'voice-ai-call-_[number]_p5hfw8Tg8Ztr~SCL_9xkQ'],
  ['voice-ai-call-7~sip_4711', 'voice-ai-call-7~sip_[number]'],
  ['voice-ai-call-7~caller_0301234567', 'voice-ai-call-7~caller_030…67'],
  ['voice-ai-call-20261121~x', 'voice-ai-call-202…21~x'],
  ['voice-ai-call-12ab34567890cd~x', 'voice-ai-call-12ab34567890cd~x'],
  ['11111111-2222-3333-4444-555555555555~x', '11111111-2222-3333-4444-555555555555~x'],
])('R8.1 a number in the name of a room is masked: %s', async (name, shown) => {
  const { log, lines } = logIn();
  const said = name.includes('4711') ? name.replace('4711', '') : name;
  log.info({ code: 'x', callKey: name, room: name, about: name, nested: { callKey: name } }, `no room ${said}`);
  expect(await lines()).toMatchObject([{ callKey: shown, room: shown, about: shown, nested: { callKey: shown } }]);
  if (said === name) expect((await lines())[0]?.['msg']).toBe(`no room ${shown}`);
});

test('R8.1 a number in an address is masked too', async () => {
  const { log, lines } = logIn();
  log.info({ code: 'x', url: 'http://livekit/rooms/%2B15550199/x/0301234567?at=1.23456789' }, 'x');
  expect(await lines()).toMatchObject([{ url: 'http://livekit/rooms/%2B15…99/x/030…67?at=1.23456789' }]);
});

test('speech and numbers are written under pii only, and masked unless asked for', async () => {
  const { log, lines } = logIn();
  const fields = {
    code: 'caller.said',
    text: 'my card is 4111',
    nested: [{ phone: '+491711234588', transcript: 'four' }],
  };
  log.info({ ...fields, pii: { speech: 'my card is 4111', phone: '+491711234588' } }, 'from +491711234588');
  const [line] = await lines();
  expect(line).toMatchObject({
    text: '[belongs under pii]',
    nested: [{ phone: '[belongs under pii]', transcript: '[belongs under pii]' }],
    pii: { speech: '[15 characters]', phone: '+49…88' },
    msg: 'from +49…88',
  });
});

test('pii is kept where the operator asked for it, and still only what is marked', async () => {
  const { log, lines } = logIn({ pii: 'keep' });
  const pii = { speech: 'my card is 4111', phone: '+491711234588', other: 'x' };
  log.info({ code: 'caller.said', words: 'my card', pii }, 'said');
  expect((await lines())[0]).toMatchObject({ words: '[belongs under pii]' });
  expect((await lines())[0]?.['pii']).toEqual({ speech: 'my card is 4111', phone: '+491711234588' });
});

test('whatever it is given, it writes something and never throws', async () => {
  const { log, lines } = logIn();
  const loop: Record<string, unknown> = { code: 'loop' };
  loop['self'] = loop;
  const traps = {
    get broken(): string {
      throw new Error('no');
    },
    json: {
      toJSON: () => {
        throw new Error('no');
      },
    },
    big: 12n,
    symbol: Symbol('s'),
    run: () => 1,
    bare: Object.create(null) as object,
    date: new Date(0),
    many: Array.from({ length: 1_000 }, (_, index) => index),
    long: 'x'.repeat(10_000),
  };
  log.info(loop as { code: string }, 'loop');
  log.info({ code: 'traps', traps }, 'traps');
  log.info(undefined as never, undefined as never);
  log.info({ code: 'after' }, 'after');
  const written = await lines();
  expect(written.map(({ code }) => code)).toEqual(['loop', 'traps', 'after']);
  expect(written[1]?.['traps']).toEqual({
    broken: '[unreadable]',
    json: '[unreadable]',
    big: '12',
    run: '[function]',
    bare: {},
    date: '1970-01-01T00:00:00.000Z',
    many: traps.many.slice(0, 50),
    long: 'x'.repeat(300),
  });
});

test('a log that cannot be opened is told once and harms nobody', async () => {
  const { log, lines } = logIn();
  log.info({ code: 'a' }, 'a');
  await lines();
  const troubles: string[] = [];
  const inAFile = createLogger({
    to: join(folder, 'deep', 'voicechart.log', 'x.log'),
    trouble: ({ message }) => troubles.push(message),
  });
  inAFile.info({ code: 'a' }, 'a');
  await expect.poll(() => troubles.length).toBe(1);
  inAFile.info({ code: 'b' }, 'b');
  await inAFile.flush();
  expect(troubles).toHaveLength(1);
});

test('what waits for a slow disk is bounded: lines beyond it are dropped and counted', async () => {
  const { log, lines } = logIn();
  for (let index = 0; index < 20_000; index += 1) log.info({ code: 'burst', index }, 'x'.repeat(100));
  await lines();
  log.info({ code: 'last' }, 'last');
  const written = await lines();
  const dropped = written
    .filter(({ code }) => code === 'log.dropped')
    .reduce((sum, { lines }) => sum + Number(lines), 0);
  expect(dropped).toBeGreaterThan(0);
  expect(written.filter(({ code }) => code === 'burst').length + dropped).toBe(20_000);
  expect(written.at(-1)).toMatchObject({ code: 'last' });
});

test.each(['stdout', 'stderr'] as const)('lines to %s are there when the process ends by itself', async (to) => {
  const source = new URL('../../src/runtime/log.ts', import.meta.url).href;
  const script = `import { createLogger } from ${JSON.stringify(source)};
    const log = createLogger({ to: '${to}' });
    for (let index = 0; index < 200; index++) log.info({ code: 'x', index }, 'x');`;
  const out = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  expect(out[to].trim().split('\n')).toHaveLength(200);
  expect(out[to === 'stdout' ? 'stderr' : 'stdout']).toBe('');
});
