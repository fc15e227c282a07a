import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createRedisClient, surely } from '../../../src/adapters/redis/client.ts';
import { checkRedis } from '../../../src/cli/doctor/redis.ts';
import { Secret } from '../../../src/secret.ts';
import { createChecking } from '../../support/checking.ts';
import { type BedServer, canStartSentinels, type SentinelBed, startSentinelBed } from '../../support/sentinel.ts';

/** Writes numbers one after the other, and keeps those whose write was acknowledged. */
function writer(url: string) {
  const redis = createRedisClient({ url: new Secret(url) });
  const stop = new AbortController();
  const acknowledged: string[] = [];
  let longestGapMs = 0;
  let last = performance.now();
  async function write(): Promise<void> {
    for (let number = 0; !stop.signal.aborted; number += 1) {
      try {
        // oxlint-disable-next-line no-await-in-loop
        await surely(redis, () => redis.sadd('numbers', String(number)));
        acknowledged.push(String(number));
        longestGapMs = Math.max(longestGapMs, performance.now() - last);
        last = performance.now();
      } catch {
        // oxlint-disable-next-line no-await-in-loop
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }
  }
  const done = write();
  return {
    acknowledged,
    /** So many more are acknowledged. */
    more: (many: number) => {
      const goal = acknowledged.length + many;
      return expect.poll(() => acknowledged.length, { timeout: 25_000 }).toBeGreaterThan(goal);
    },
    async end() {
      stop.abort();
      await done;
      redis.disconnect();
      return Math.max(longestGapMs, performance.now() - last);
    },
  };
}

const longestOutageMs = 6000;

describe.skipIf(!canStartSentinels)('a Redis whose primary fails under sentinels', () => {
  let bed: SentinelBed;
  let old: BedServer;
  beforeAll(async () => void (bed = await startSentinelBed()));
  beforeEach(async () => {
    await bed.whole();
    old = await bed.primary();
  }, 60_000);
  afterAll(() => bed.stop());

  test('R7.2 the doctor names the primary, and finds nothing to mend', async () => {
    const checking = createChecking();
    await checkRedis(new Secret(bed.url), checking);
    const saw = expect.stringMatching(/^the primary calls \(by 127\.0\.0\.1:\d+, .*\) answers: \d+\./);
    expect(checking.findings).toMatchObject([{ verdict: 'well', saw }]);
  });

  const faults: readonly (readonly [string, () => unknown, () => unknown])[] = [
    ['is killed', () => old.kill(), () => old.start()],
    ['is frozen', () => old.freeze(), () => old.thaw()],
    ['is cut off from all', () => old.link.cut('clients', 'peers'), () => old.link.heal()],
    ['is cut off from its replicas alone', () => old.link.cut('peers'), () => old.link.heal()],
  ];

  test.each(faults)('R10.1 %s: what was acknowledged is kept, and it goes on with another', async (_, hurt, mend) => {
    const writers = [1, 2, 3].map(() => writer(bed.url));
    await Promise.all(writers.map((each) => each.more(50)));
    await hurt();
    await expect.poll(() => bed.primary(), { timeout: 20_000 }).not.toBe(old);
    await Promise.all(writers.map((each) => each.more(50)));
    await mend();
    await bed.whole();
    await Promise.all(writers.map((each) => each.more(50)));
    const gaps = await Promise.all(writers.map((each) => each.end()));
    const kept = new Set(await (await bed.primary()).ask((redis) => redis.smembers('numbers')));
    const lost = writers.flatMap(({ acknowledged }) => acknowledged.filter((number) => !kept.has(number)));
    expect(lost).toEqual([]);
    expect(Math.max(...gaps)).toBeLessThan(longestOutageMs);
  });
});
