import { startRedis } from '../../../tools/services/redis.ts';
import type { Figure } from '../../figure.ts';
import type { TakeoverBenchOptions } from '../../takeover.ts';
import { openTakeoverBed } from './bed.ts';
import { killAll, killFigures, type KillPlan } from './killed.ts';

const ownedWithinMs = 3_000;
const backWithinMs = 4_000;

/** An instance dies, the other one goes on, and a third takes its place. */
const plan = (tell: (line: string) => void): KillPlan => ({
  perBed: 10,
  async open() {
    const redis = await startRedis();
    const opened = await openTakeoverBed({ redisUrl: redis.url, instances: 2, tell });
    return {
      bed: opened,
      async close() {
        await opened.close();
        await redis.stop();
      },
    };
  },
  kill: ({ fleet }, { member }) => fleet.kill(member),
  mend: async ({ fleet }) => void (await fleet.start()),
});

export async function measureInstanceKills(options: TakeoverBenchOptions): Promise<readonly Figure[]> {
  const goals = { ownedMs: ownedWithinMs, backMs: backWithinMs };
  return killFigures(await killAll(plan(options.tell), options), 'instance', goals);
}
