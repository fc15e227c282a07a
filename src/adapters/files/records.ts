import { randomUUID } from 'node:crypto';
import { chown, link, mkdir, readdir, readFile, rename, rm, stat, unlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Clock } from '../../clock.ts';
import type { Records } from '../../runtime/records.ts';

interface FileRecordsOptions {
  /** Folder of these records and nothing else; made when missing, for its user alone: whose folder it is made in. */
  readonly dir: string;
  readonly clock: Pick<Clock, 'now'>;
}

const nameForm = /^[\w-]{1,64}$/;

/** A file each, its folder's owner's, whoever writes it. Every file is whole at any moment: it is written aside, and then linked (`add`) or renamed (`put`) to its name. */
export function createFileRecords({ dir, clock }: FileRecordsOptions): Records {
  const at = (name: string): string => {
    if (!nameForm.test(name)) throw new Error('this is no name of a record');
    return join(dir, name);
  };

  async function aside(text: string): Promise<string> {
    await makeFolder(resolve(dir));
    const file = join(dir, `.${randomUUID()}`);
    await writeFile(file, text, { mode: 0o600, flush: true });
    await giveTo(dir, file);
    const seconds = clock.now() / 1000;
    await utimes(file, seconds, seconds);
    return file;
  }

  const names = async (): Promise<readonly string[]> =>
    (await unless(readdir(dir), 'ENOENT', [])).filter((name) => nameForm.test(name));
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

/** What is made as root for a service that is another user must be that one's to read. */
async function giveTo(folder: string, path: string): Promise<void> {
  const [owner, now] = [await stat(folder), await stat(path)];
  if (now.uid !== owner.uid) await chown(path, owner.uid, owner.gid);
}

async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  const made = [folder];
  while (made[0] !== resolve(first)) made.unshift(dirname(made[0]!));
  // oxlint-disable-next-line no-await-in-loop
  for (const each of made) await giveTo(dirname(each), each);
}

async function unless<Value, Other>(promise: Promise<Value>, code: string, other: Other): Promise<Value | Other> {
  try {
    return await promise;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === code) return other;
    throw error;
  }
}
