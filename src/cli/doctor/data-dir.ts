import { mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Checking, toMend, well } from './finding.ts';

const check = 'data';
const leastFreeMb = 200;

/** Whether calls can be kept where they are to be kept. The folder is made when missing, as at the start. */
export async function checkDataDir(dataDir: string, name: string, { tell }: Checking): Promise<void> {
  const dir = resolve(dataDir);
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const probe = join(dir, `.${name}`);
    await writeFile(probe, '');
    await rm(probe);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return tell(
      toMend(check, `${dir} cannot be written (${code})`, `sudo chown -R $USER ${dir}, or export DATA_DIR=…`),
    );
  }
  const { bavail, bsize } = await statfs(dir);
  const freeMb = Math.floor((bavail * bsize) / 1e6);
  if (freeMb < leastFreeMb)
    return tell(toMend(check, `${dir} has ${freeMb} MB left`, `free some space (du -sh ${dir}), or export DATA_DIR=…`));
  return tell(
    well(check, `${dir} can be written, ${freeMb > 10_000 ? `${Math.floor(freeMb / 1000)} GB` : `${freeMb} MB`} free`),
  );
}
