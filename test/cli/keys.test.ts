import { chmodSync, chownSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keys } from '../../src/cli/keys.ts';
import { rotate, type RotationOptions } from '../../src/cli/rotation.ts';
import { readKeysFile } from '../../src/config/keys-file.ts';
import { freeTcpPort } from '../../tools/lib/ports.ts';
import { runCli, widthOf } from '../support/cli.ts';

const secret = (name: string) => `canary-${name}`.padEnd(40, '0');

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'voicechart-keys-'));
  path = join(folder, 'keys.yaml');
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (text: string) => writeFileSync(path, text, { mode: 0o600 });
const text = () => readFileSync(path, 'utf8');
/** Name → secret. */
function held(): Record<string, string> {
  const { reading } = readKeysFile(path);
  if ('problems' in reading) throw new Error(reading.problems.join());
  return Object.fromEntries([...reading.keys].map(([key, value]) => [key, value.reveal()]));
}

/** Nothing that it prints is a secret of the file, before or after. */
async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const before = existsSync(path) ? text() : '';
  const ran = await runCli(keys, args, { LIVEKIT_KEYS_FILE: path, ...env });
  const secrets = (before + (existsSync(path) ? text() : '')).match(/[\w-]{32,}/g) ?? [];
  expect(secrets.filter((each) => (ran.out + ran.notes).includes(each))).toEqual([]);
  return ran;
}

describe('voicechart keys', () => {
  it('help fits a terminal and names every verb and exit code', async () => {
    const { code, out } = await run(['--help']);
    expect([code, widthOf(out) <= 80]).toEqual([0, true]);
    for (const word of ['list', 'rotate', 'add', 'remove', '--services-switched', '--wait', '69', '78'])
      expect(out).toContain(word);
  });

  it.each([['mend'], ['list', 'x'], ['remove'], ['add', '--secret-from', 'NONE'], ['rotate', '--now']])(
    '%s %s %s is not understood',
    async (...args) => expect((await run(args)).code).toBe(64),
  );

  it('R8.1 list names the keys and which one signs, and who else may read the file', async () => {
    write(`# ours\nAPIone: ${secret('one')}\nAPItwo: ${secret('two')}\n`);
    const { code, out, notes } = await run(['list']);
    expect([code, out, notes]).toEqual([0, `${path}\n  APIone  signs\n  APItwo  is believed\n`, '']);
    chmodSync(path, 0o644);
    const json = await run(['list', '--json']);
    expect(JSON.parse(json.out)).toEqual({
      file: path,
      keys: [
        { key: 'APIone', signs: true },
        { key: 'APItwo', signs: false },
      ],
      isOpenToOthers: true,
    });
    expect(json.notes).toContain(`chmod 600 ${path}`);
  });

  it('add makes the file where there is none, for its owner alone, and writes a secret of 256 bits that it does not print', async () => {
    const first = await run(['add', '--json']);
    const { key } = JSON.parse(first.out);
    expect([JSON.parse(first.out), statSync(path).mode & 0o777]).toEqual([
      { result: 'added', key, signs: true },
      0o600,
    ]);
    expect(held()[key]).toMatch(/^[\dA-Za-z]{44}$/);
    const second = await run(['add', '--key', 'APIcloud', '--secret-from', 'CLOUD'], { CLOUD: secret('cloud') });
    expect([second.code, second.out]).toEqual([0, 'APIcloud added: it is believed and does not sign\n']);
    expect(Object.keys(held())).toEqual([key, 'APIcloud']);
    expect((await run(['add', '--key', 'APIcloud'])).code).toBe(1);
    expect((await run(['add', '--key', 'two words'])).code).toBe(78);
    expect((await run(['add', '--secret-from', 'CLOUD'], { CLOUD: 'two words' })).code).toBe(78);
  });

  it('remove takes out what does not sign, and leaves comments where they are', async () => {
    write(`# the first signs\nAPIone: ${secret('one')} # since May\nAPItwo: ${secret('two')}\n`);
    expect((await run(['remove', 'APIone'])).notes).toContain('APIone signs: keys rotate');
    expect((await run(['remove', 'APIthree'])).code).toBe(1);
    expect((await run(['remove', 'APItwo'])).code).toBe(0);
    expect(text()).toBe(`# the first signs\nAPIone: ${secret('one')} # since May\n`);
  });

  it.each([['list'], ['add'], ['remove', 'x'], ['rotate']])('a file that is bad is 78 for %s', async (...args) => {
    write(`- ${secret('one')}\n`);
    const { code, notes } = await run(args, { LIVEKIT_URL: 'ws://127.0.0.1:7880' });
    expect([code, notes]).toEqual([78, expect.stringContaining('must be a map of "key: secret"')]);
    expect((await runCli(keys, args)).notes).toContain('LIVEKIT_KEYS_FILE: is missing; or say --file');
  });

  it.runIf(process.getuid?.() === 0)(
    'whoever changes the file, it stays its owner’s, with the rights it had',
    async () => {
      write(`APIone: ${secret('one')}\n`);
      chownSync(path, 65_534, 65_534);
      chmodSync(path, 0o640);
      await run(['add']);
      const { uid, gid, mode } = statSync(path);
      expect([uid, gid, mode & 0o777, Object.keys(held()).length]).toEqual([65_534, 65_534, 0o640, 2]);
    },
  );

  it('of two who change the file at once the later is turned away, and nothing is lost', async () => {
    write(`APIone: ${secret('one')}\n`);
    writeFileSync(`${path}.lock`, '');
    const { code, notes } = await run(['add']);
    expect([code, notes]).toEqual([1, expect.stringContaining(`if by nobody, remove ${path}.lock`)]);
    expect(held()).toEqual({ APIone: secret('one') });
    rmSync(`${path}.lock`);
    expect((await run(['add'])).code).toBe(0);
    expect(existsSync(`${path}.lock`)).toBe(false);
  });

  it('a name that the file holds keeps its secret', async () => {
    write(`APIone: ${secret('one')}\n`);
    expect((await run(['add', '--key', 'APIone'])).code).toBe(1);
    expect(held()).toEqual({ APIone: secret('one') });
  });

  it('rotate says so when the server does not answer, and keeps what it began', async () => {
    write(`APIone: ${secret('one')}\n`);
    const env = { LIVEKIT_URL: `ws://127.0.0.1:${await freeTcpPort()}` };
    const { code, out } = await run(['rotate', '--json'], env);
    const news = JSON.parse(out);
    expect([code, news]).toMatchObject([
      69,
      {
        step: 'server_must_learn',
        from: 'APIone',
        failure: { class: 'network' },
        next: expect.stringContaining(news.to),
      },
    ]);
    const again = await run(['rotate'], env);
    expect([again.code, again.out]).toEqual([69, expect.stringContaining('the server could not be asked')]);
    expect(Object.keys(held())).toEqual(['APIone', news.to]);
    expect((await run(['list'])).out).toContain(`being changed from APIone to ${news.to}`);
  });

  it('a rotation that is not of this file is refused', async () => {
    write(`APIone: ${secret('one')}\n`);
    writeFileSync(`${path}.rotation`, '{"from":"APIx","to":"APIy"}');
    const env = { LIVEKIT_URL: 'ws://127.0.0.1:1' };
    expect((await run(['rotate'], env)).notes).toContain('holds neither APIx nor APIy');
    writeFileSync(`${path}.rotation`, '{"from":7}');
    const { code, notes } = await run(['rotate'], env);
    expect([code, notes]).toEqual([1, expect.stringContaining('keys.yaml.rotation cannot be read as a rotation')]);
  });
});

describe('R8.3 a rotation, step by step', () => {
  const minutes = 60_000;
  let nowMs: number;
  let server: Set<string>;
  let steps: string[];
  beforeEach(() => {
    nowMs = 1_800_000_000_000;
    server = new Set(['APIone']);
    steps = [];
    write(`APIone: ${secret('one')}\n`);
  });
  const options = (more: Partial<RotationOptions> = {}): RotationOptions => ({
    path,
    servicesSwitched: false,
    probe: async ({ apiKey }) => [server.has(apiKey) ? 'known' : 'unknown'],
    nowMs: () => nowMs,
    ...more,
  });
  const go = async (more: Partial<RotationOptions> = {}) => {
    const news = await rotate(options(more));
    steps.push(`${news.step}: ${Object.keys(held()).map((key) => (key === news.to ? 'new' : 'old'))}`);
    return news;
  };
  /** What the operator does when it is asked for. */
  async function finish(): Promise<void> {
    for (let turn = 0; turn < 9; turn += 1) {
      // oxlint-disable-next-line no-await-in-loop
      const { step, from, to, until } = await go({ servicesSwitched: steps.at(-1)?.startsWith('services') ?? false });
      if (step === 'server_must_learn') server.add(to);
      if (step === 'old_tokens_live') nowMs = until!;
      if (step === 'server_must_forget') server.delete(from);
      if (step === 'finished') return;
    }
    throw new Error('it does not end');
  }

  it('the new key is believed, then signs, and the old one goes when nothing lives that it signed', async () => {
    await finish();
    expect(steps).toEqual([
      'server_must_learn: old,new',
      'services_must_switch: new,old',
      'old_tokens_live: new,old',
      'server_must_forget: new',
      'finished: new',
    ]);
    expect([[...server], existsSync(`${path}.rotation`)]).toEqual([Object.keys(held()), false]);
  });

  it('nothing goes on before its time: a server that does not know it yet, services, eleven minutes', async () => {
    await go();
    await go({ servicesSwitched: true });
    const { to } = await go();
    server.add(to);
    await go();
    nowMs += 60 * minutes;
    await go();
    const { until } = await go({ servicesSwitched: true });
    expect(until! - nowMs).toBe(11 * minutes + 5_000);
    nowMs = until! - 1;
    await go();
    nowMs += 1;
    await go();
    await go();
    expect(steps).toEqual([
      ...Array.from({ length: 3 }, () => 'server_must_learn: old,new'),
      ...Array.from({ length: 2 }, () => 'services_must_switch: new,old'),
      ...Array.from({ length: 2 }, () => 'old_tokens_live: new,old'),
      ...Array.from({ length: 2 }, () => 'server_must_forget: new'),
    ]);
  });

  it('turned back by hand and begun again, it waits anew for what the old key signed meanwhile', async () => {
    const { to } = await go();
    server.add(to);
    await go();
    await go({ servicesSwitched: true });
    const keys = held();
    write(`APIone: ${keys['APIone']}\n${to}: ${keys[to]}\n`);
    nowMs += 60 * minutes;
    await go();
    const { until } = await go({ servicesSwitched: true });
    expect(until! - nowMs).toBe(11 * minutes + 5_000);
    expect(steps.slice(-2)).toEqual(['services_must_switch: new,old', 'old_tokens_live: new,old']);
  });

  it('one of several servers that does not know it, or has another secret for it, holds it back', async () => {
    await go();
    const half = await go({ probe: async () => ['known', 'unknown', 'known'] });
    const other = await go({ probe: async () => ['known', 'other_secret', 'known'] });
    expect([half.saw, other.saw]).toEqual([
      [`the server knows ${half.to}: so say 2 of 3 connections`],
      [`the server knows ${half.to}: so say 2 of 3 connections, and one has another secret for it`],
    ]);
    expect(new Set(steps)).toEqual(new Set(['server_must_learn: old,new']));
  });

  const old = `APIone: ${secret('one')}\n`;
  const next = `APInew: ${secret('new')}\n`;
  it.each<[string, string, object]>([
    ['it was written down and nothing was done', old, {}],
    ['the key was made', old + next, {}],
    ['it signs, and nobody wrote down since when', next + old, {}],
    ['the services had switched', next + old, { signingSince: 1_800_000_000_000, servicesSince: 1_800_000_000_001 }],
    ['the old one was taken out', next, { signingSince: 1_799_000_000_000, servicesSince: 1_799_000_000_001 }],
  ])('stopped when %s, it goes on and ends', async (_, file, more) => {
    write(file);
    server.add('APInew');
    writeFileSync(`${path}.rotation`, JSON.stringify({ from: 'APIone', to: 'APInew', ...more }));
    await finish();
    expect([Object.keys(held()), [...server], existsSync(`${path}.rotation`)]).toEqual([['APInew'], ['APInew'], false]);
  });

  it('two who begin at once go the same way', async () => {
    const [one, two] = await Promise.all([go(), go()]);
    expect([one.to, Object.keys(held())]).toEqual([two.to, ['APIone', one.to]]);
    await finish();
    expect(Object.keys(held())).toEqual([one.to]);
  });

  it('to a key that was made elsewhere; one that signs, or is not there, is refused', async () => {
    write(`APIone: ${secret('one')}\nAPIcloud: ${secret('cloud')}\n`);
    await expect(go({ to: 'APIone' })).rejects.toThrow('APIone signs already');
    await expect(go({ to: 'APInone' })).rejects.toThrow('holds no APInone; keys add');
    server.add('APIcloud');
    await go({ to: 'APIcloud' });
    await finish();
    expect(held()).toEqual({ APIcloud: secret('cloud') });
  });
});
