import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for as long as the work takes. */
export async function inFolder<Result>(work: (dir: string) => Promise<Result>): Promise<Result> {
  const dir = await mkdtemp(join(tmpdir(), 'voicechart-bench-'));
  try {
    return await work(dir);
  } finally {
    await rm(dir, { recursive: true });
  }
}
