import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { chown, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createFileRecords } from '../../../src/adapters/files/records.ts';
import { recordsContract } from '../../support/contracts/records.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const root = mkdtempSync(join(tmpdir(), 'voicechart-records-'));
afterAll(() => rmSync(root, { recursive: true }));
let folders = 0;
const newFolder = () => join(root, `not/there/yet-${(folders += 1)}`);

recordsContract('files', (clock) => createFileRecords({ dir: newFolder(), clock }));

describe('records as files', () => {
  test('another process, and the next one, see them at once', async () => {
    const [dir, clock] = [newFolder(), createVirtualClock()];
    const [one, other] = [createFileRecords({ dir, clock }), createFileRecords({ dir, clock })];
    expect(await one.add('a', 'x')).toBe(true);
    expect([await other.add('a', 'y'), (await other.get('a'))?.text]).toEqual([false, 'x']);
  });

  test('R8.1 are for their owner alone, and nothing is left beside them', async () => {
    const dir = newFolder();
    const records = createFileRecords({ dir, clock: createVirtualClock() });
    await Promise.all([records.put('a', 'x'), records.add('a', 'y'), records.add('b', 'z')]);
    expect((await readdir(dir)).toSorted()).toEqual(['a', 'b']);
    expect([dir, join(dir, 'a'), join(dir, 'b')].map((path) => statSync(path).mode & 0o077)).toEqual([0, 0, 0]);
  });

  test('what is no name of a record is none of them', async () => {
    const dir = newFolder();
    const records = createFileRecords({ dir, clock: createVirtualClock() });
    await records.put('a', 'x');
    await Promise.all(['old.bak', 'a b', '.hidden'].map((name) => writeFile(join(dir, name), 'y')));
    expect([await records.names(), await records.sweep(0)]).toEqual([['a'], 1]);
  });

  test.skipIf(process.getuid?.() !== 0)(
    'written by root they are whose the folder is, and so is what is made of it',
    async () => {
      const parent = mkdtempSync(join(root, 'theirs-'));
      await chown(parent, 12_345, 12_346);
      const dir = join(parent, 'data/keys');
      const records = createFileRecords({ dir, clock: createVirtualClock() });
      await records.put('a', 'x');
      await records.add('b', 'x');
      const owners = [join(parent, 'data'), dir, join(dir, 'a'), join(dir, 'b')].map((path) => statSync(path));
      expect(owners.map(({ uid, gid }) => [uid, gid])).toEqual(owners.map(() => [12_345, 12_346]));
    },
  );

  test.each(['', '..', '../a', 'a/b', '.hidden', 'a b', 'x'.repeat(65)])('%j is no name', async (name) => {
    const records = createFileRecords({ dir: newFolder(), clock: createVirtualClock() });
    const acts = [records.get(name), records.add(name, 'x'), records.put(name, 'x'), records.remove(name)];
    const told = await Promise.all(acts.map((act) => act.catch((error: Error) => error.message)));
    expect(told).toEqual(acts.map(() => 'this is no name of a record'));
  });
});
