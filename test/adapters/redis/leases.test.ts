import { onTestFinished, test, expect } from 'vitest';
import { createCallJobs } from '../../../src/adapters/redis/call-jobs.ts';
import { connected, createRedisClient } from '../../../src/adapters/redis/client.ts';
import { createLeases, type LeaseTimes } from '../../../src/adapters/redis/leases.ts';
import { systemClock } from '../../../src/clock.ts';
import { Secret } from '../../../src/secret.ts';
import { startRedis } from '../../../tools/services/redis.ts';

/** A tenth of what is usual. */
const times: LeaseTimes = { lockMs: 200, renewMs: 40, scanMs: 50, outageMs: 150, graceMs: 300 };

/** Somebody who scans. `scanned` is given his connection. */
async function scanner(url: string, scanned: (redis: ReturnType<typeof createRedisClient>) => void = () => undefined) {
  const redis = createRedisClient({ url: new Secret(url) });
  await connected(redis);
  const jobs = createCallJobs(redis, times.lockMs);
  const leases = createLeases({ redis, jobs, clock: systemClock, times, scanned: () => scanned(redis) });
  onTestFinished(async () => {
    leases.close();
    await jobs.close();
    redis.disconnect();
  });
  return { redis, jobs };
}

test('R10.1 an instance that loses its connection again and again does not keep the calls of a dead owner from all others', async () => {
  const server = await startRedis();
  onTestFinished(() => server.stop());
  const { jobs } = await scanner(server.url);
  let lost = 0;
  await scanner(server.url, (redis) => {
    lost += 1;
    redis.disconnect(true);
  });
  await expect.poll(() => lost).toBeGreaterThan(3);
  await jobs.add('call-1');
  expect(await jobs.take()).toMatchObject({ callKey: 'call-1' });
  await expect.poll(() => jobs.waiting(), { timeout: 3000 }).toBe(1);
  const before = lost;
  await expect.poll(() => lost).toBeGreaterThan(before);
});
