import { randomUUID } from 'node:crypto';
import { link, mkdir, readdir, readFile, rename, rm, stat, unlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../clock.ts';
import type { Records } from '../../runtime/records.ts';

interface FileRecordsOptions {
  /** Folder of these records and nothing else; made when missing, for this user alone. */
  readonly dir: string;
  readonly clock: Pick<Clock, 'now'>;
}

/** A file each. Every file is whole at any moment: it is written aside, and then linked (`add`) or renamed (`put`) to its name. */
export function createFileRecords({ dir, clock }: FileRecordsOptions): Records {
  const at = (name: string): string => {
    if (!/^[\w-]{1,64}$/.test(name)) throw new Error('this is no name of a record');
    return join(dir, name);
  };

  async function aside(text: string): Promise<string> {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const file = join(dir, `.${randomUUID()}`);
    await writeFile(file, text, { mode: 0o600, flush: true });
    const seconds = clock.now() / 1000;
    await utimes(file, seconds, seconds);
    return file;
  }

  const names = async (): Promise<readonly string[]> =>
    (await unless(readdir(dir), 'ENOENT', [])).filter((name) => !name.startsWith('.'));
  const writtenAt = async (name: string) => (await unless(stat(at(name)), 'ENOENT', undefined))?.mtimeMs;
  const remove = async (name: string): Promise<boolean> =>
    unless(
      unlink(at(name)).then(() => true),
      'ENOENT',
      false,
    );

  return {
    async get(name) {
      const text = await unless(readFile(at(name), 'utf8'), 'ENOENT', undefined);
      const written = text === undefined ? undefined : await writtenAt(name);
      return text === undefined || written === undefined ? undefined : { text, at: Math.round(written) };
    },
    async add(name, text) {
      const place = at(name);
      const file = await aside(text);
      try {
        return await unless(
          link(file, place).then(() => true),
          'EEXIST',
          false,
        );
      } finally {
        await rm(file, { force: true });
      }
    },
    async put(name, text) {
      const place = at(name);
      await rename(await aside(text), place);
    },
    remove,
    names,
    async sweep(before) {
      const old = await Promise.all((await names()).map(async (name) => [name, await writtenAt(name)] as const));
      const gone = old.filter(([, written]) => written !== undefined && written < before);
      await Promise.all(gone.map(([name]) => remove(name)));
      return old.length - gone.length;
    },
  };
}

async function unless<Value, Other>(promise: Promise<Value>, code: string, other: Other): Promise<Value | Other> {
  try {
    return await promise;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === code) return other;
    throw error;
  }
}
