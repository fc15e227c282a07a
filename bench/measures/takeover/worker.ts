import { startRedis } from '../../../tools/services/redis.ts';
import type { Figure } from '../../figure.ts';
import type { TakeoverBenchOptions } from '../../takeover.ts';
import { openTakeoverBed } from './bed.ts';
import { killAll, killFigures, type KillPlan } from './killed.ts';

const backWithinMs = 1_000;

/** A process that runs calls dies, and another one of the same instance goes on. */
const plan = (tell: (line: string) => void): KillPlan => ({
  perBed: 10,
  async open(bed) {
    const workers = String(1 + (bed % 2));
    tell(`  WORKERS=${workers}`);
    const redis = await startRedis();
    const opened = await openTakeoverBed({
      redisUrl: redis.url,
      instances: 1,
      settings: { WORKERS: workers },
      tell,
    });
    return {
      bed: opened,
      async close() {
        await opened.close();
        await redis.stop();
      },
    };
  },
  kill: async (_bed, { pid }) => void process.kill(pid, 'SIGKILL'),
  mend: async () => undefined,
});

export async function measureWorkerKills(options: TakeoverBenchOptions): Promise<readonly Figure[]> {
  return killFigures(await killAll(plan(options.tell), options), 'process', { backMs: backWithinMs });
}
