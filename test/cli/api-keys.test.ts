import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { apiKeys } from '../../src/cli/api-keys.ts';
import { openAccess } from '../../src/wiring/access.ts';
import { runCli, widthOf } from '../support/cli.ts';

const root = mkdtempSync(join(tmpdir(), 'voicechart-keys-'));
afterAll(() => rmSync(root, { recursive: true }));
let dataDir: string;
beforeEach(() => {
  dataDir = join(mkdtempSync(join(root, 'data-')), 'deep');
});

/** As beside a running instance: it needs no other setting. */
const run = (...args: readonly string[]) => runCli(apiKeys, args, { DATA_DIR: dataDir });
const create = (role: string, name: string) => run('create', '--role', role, '--name', name);

describe('voicechart api-keys', () => {
  it('help fits a terminal and names every verb, role and exit code', async () => {
    const { code, out } = await run('--help');
    expect([code, widthOf(out) <= 80]).toEqual([0, true]);
    for (const word of ['create', 'list', 'revoke', 'viewer', 'operator', 'admin', '--json', 'DATA_DIR', '64', '78'])
      expect(out).toContain(word);
  });

  it('R8.4 create prints the key alone; an instance that runs believes it at once, until it is revoked', async () => {
    const instance = openAccess(dataDir, systemClock);
    const { code, out, notes } = await create('operator', 'Ada');
    const text = out.trim();
    expect([code, notes]).toEqual([
      0,
      expect.stringMatching(/^operator key [0-9a-f]{16} of Ada\. It is shown this once/),
    ]);
    const id = /key (\w+) of/.exec(notes)![1]!;
    expect(await instance.keys.believe(text)).toMatchObject({ id, name: 'Ada', role: 'operator' });
    expect(await run('revoke', id)).toMatchObject({ code: 0, out: '' });
    expect(await instance.keys.believe(text)).toBe('revoked');
  });

  it('R8.1 nothing in the folder, and nothing that list shows, gives a key away', async () => {
    const secret = (await create('admin', 'Ada')).out.trim().split('_').slice(2).join('_');
    const files = readdirSync(join(dataDir, 'api-keys')).map((name) =>
      readFileSync(join(dataDir, 'api-keys', name), 'utf8'),
    );
    const listed = [await run('list'), await run('list', '--json')].map(({ out, notes }) => out + notes);
    expect([files.length, [...files, ...listed].filter((text) => text.includes(secret))]).toEqual([1, []]);
  });

  it('list shows the others, and says which record cannot be read', async () => {
    await create('viewer', 'Grace');
    writeFileSync(join(dataDir, 'api-keys', '0123456789abcdef'), '');
    const { code, out, notes } = await run('list');
    expect([code, out, notes]).toEqual([
      0,
      expect.stringMatching(/Grace\n$/),
      expect.stringContaining('0123456789abcdef cannot be read'),
    ]);
  });

  it('list shows whose each is, and which are revoked', async () => {
    expect((await run('list')).out).toBe('there are no keys yet\n');
    await create('viewer', 'Grace');
    const { id } = JSON.parse((await run('create', '--role', 'admin', '--name', 'Ada', '--json')).out);
    await run('revoke', id);
    const { out } = await run('list');
    expect(out).toMatch(/^[0-9a-f]{16} {2}viewer {4}since \d{4}-\d\d-\d\d {4}Grace$/m);
    expect(out).toMatch(new RegExp(`^${id} {2}admin {5}revoked \\d{4}-\\d\\d-\\d\\d {2}Ada$`, 'm'));
    const { keys } = JSON.parse((await run('list', '--json')).out);
    expect(keys).toHaveLength(2);
  });

  it.each([
    [['create'], /--role: viewer, operator, or admin, not ""/],
    [['create', '--role', 'opertor', '--name', 'x'], /did you mean operator\?/],
    [['create', '--role', 'viewer'], /--name: say whose it is/],
    [['create', '--role', 'viewer', '--name', 'a\nb'], /--name: say whose it is/],
    [['revoke'], /revoke takes the id of one key/],
    [['remove', 'x'], /create, list, or revoke, not "remove"/],
    [['list', '--all'], /Unknown option/],
  ])('%j is 64 and says what is meant', async (args, said) => {
    expect(await run(...args)).toMatchObject({ code: 64, out: '', notes: expect.stringMatching(said) });
  });

  it('revoke: an id that is none is 1', async () => {
    expect(await run('revoke', '../../etc/passwd')).toMatchObject({
      code: 1,
      notes: expect.stringMatching(/there is no key/),
    });
    expect((await run('revoke', '0123456789abcdef', '--json')).out).toBe('{"id":"0123456789abcdef","revoked":false}\n');
  });

  it('a folder that cannot be is 78', async () => {
    const ran = await runCli(apiKeys, ['list'], { DATA_DIR: 'x'.repeat(1_001) });
    expect(ran).toMatchObject({ code: 78, notes: expect.stringMatching(/^DATA_DIR: /) });
  });
});
