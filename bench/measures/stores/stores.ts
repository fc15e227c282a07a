import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openRedisStores } from '../../../src/adapters/redis/stores.ts';
import { openSqlite } from '../../../src/adapters/sqlite/stores.ts';
import { systemClock } from '../../../src/clock.ts';
import type { Stores } from '../../../src/runtime/stores.ts';
import { Secret } from '../../../src/secret.ts';
import { startRedis } from '../../../tools/services/redis.ts';
import { type Figure, figureOf } from '../../figure.ts';
import { loadNow } from '../../machine.ts';
import { commitBytes } from './commits.ts';
import { doorFigures } from './door-figures.ts';
import { inFolder } from './folder.ts';
import { ingestMs } from './ingest.ts';

const repetitions = 3;
const beside = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** What stores take and give: bytes of a call, events of the door, a disk that stalls. */
export async function measureStores({ tell }: { readonly tell: (line: string) => void }): Promise<readonly Figure[]> {
  tell('\ncommits of a recorded call');
  const kilobytes = (await commitBytes()).map((bytes) => bytes / 1000);
  tell('\nevents stored, 2,000 a second: SQLite');
  const sqlite = await several(() => inFolder((dir) => storing(openSqlite({ dir, clock: systemClock }))));
  tell('\nevents stored, 2,000 a second: Redis');
  const redis = await several(storingInRedis);
  tell('\na disk that stalls for two seconds');
  const stalled = await several(() => inFolder(lateMs));
  return [
    figureOf(
      { name: 'a call’s commits, a second', unit: 'kB', note: 'demo call', load: loadNow() },
      [kilobytes],
      [{ of: 'max', atMost: 30 }],
    ),
    ingested('SQLite', sqlite),
    ingested('Redis', redis),
    figureOf(
      { name: 'event loop late while SQLite stalls', note: '10 ms apart, 2 s stall of 4 s', load: loadNow() },
      stalled,
      [{ of: 'p99', atMost: 50 }],
    ),
    ...(await doorFigures(tell)),
  ];
}

const ingested = (where: string, runs: readonly (readonly number[])[]): Figure =>
  figureOf(
    { name: `event due → stored, ${where}`, note: '2,000 a second for 5 s, 500 calls', load: loadNow() },
    runs.map((run) => [...run]),
    [{ of: 'p95', atMost: 50 }],
  );

async function several(work: () => Promise<readonly number[]>): Promise<number[][]> {
  const runs: number[][] = [];
  // oxlint-disable-next-line no-await-in-loop -- one after the other: they would disturb each other
  for (let run = 0; run < repetitions; run += 1) runs.push([...(await work())]);
  return runs;
}

async function storing(opening: Promise<Stores>): Promise<readonly number[]> {
  const stores = await opening;
  const took = await ingestMs(stores.store);
  await stores.close();
  return took;
}

async function storingInRedis(): Promise<readonly number[]> {
  const server = await startRedis();
  const url = new Secret(server.url);
  const took = await storing(openRedisStores({ url, clock: systemClock, keepMs: 60_000 }));
  await server.stop();
  return took;
}

async function lateMs(dir: string): Promise<readonly number[]> {
  const args = ['--import', beside('./stalling-disk.ts'), beside('./stalled-process.ts'), dir];
  const { stdout } = await promisify(execFile)(execPath, args, {
    env: { STALL_FILE: join(dir, 'stall') },
    maxBuffer: 1e7,
  });
  const told = JSON.parse(stdout) as { readonly lateMs: readonly number[]; readonly slowestMs: number };
  if (told.slowestMs < 2_000) throw new Error('the disk did not stall');
  return told.lateMs;
}
