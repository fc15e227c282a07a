// Writes as a call does while its disk stalls, and says by how many ms its loop was late, and how long the slowest write took.
import { writeFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { argv, env, stdout } from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { openSqlite } from '../../../src/adapters/sqlite/stores.ts';
import { systemClock } from '../../../src/clock.ts';

const everyMs = 10;
const forMs = 4_000;

const { log, close } = await openSqlite({ dir: argv[2] ?? '', clock: systemClock });
const draft = { at: 0, kind: 'state', data: { machine: 'call', value: 'x'.repeat(500) } } as const;
const lateMs: number[] = [];
const writes: Promise<number>[] = [];
const write = async (): Promise<number> => {
  const beganAt = performance.now();
  await log.append('call-1', 1, [draft]);
  return performance.now() - beganAt;
};
await write();
writeFileSync(env['STALL_FILE'] ?? '', '');
for (const endAt = performance.now() + forMs; performance.now() < endAt;) {
  writes.push(write());
  const before = performance.now();
  // oxlint-disable-next-line no-await-in-loop -- the loop is what is measured
  await delay(everyMs);
  lateMs.push(performance.now() - before - everyMs);
}
const slowestMs = Math.max(...(await Promise.all(writes)));
stdout.write(JSON.stringify({ lateMs, slowestMs }));
await close();
