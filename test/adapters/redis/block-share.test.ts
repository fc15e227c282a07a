import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createRedisBlockShare } from '../../../src/adapters/redis/block-share.ts';
import { systemClock } from '../../../src/clock.ts';
import { Secret } from '../../../src/secret.ts';
import { findRedisServer, type RunningRedis, startRedis } from '../../../tools/services/redis.ts';
import { securityBench } from '../../support/security-bench.ts';

const source = { kind: 'ip', value: '203.0.113.7' } as const;

describe.skipIf(!findRedisServer() && !process.env['CI'])('blocks of instances on one Redis', () => {
  let server: RunningRedis;
  const opened: ReturnType<typeof securityBench>[] = [];
  beforeAll(async () => void (server = await startRedis()));
  afterAll(() => server.stop());
  afterEach(() => Promise.all(opened.splice(0).map(({ security }) => security.close())));

  function instance(url = server.url) {
    const bench = securityBench(systemClock, {
      share: createRedisBlockShare({ url: new Secret(url), clock: systemClock }),
    });
    opened.push(bench);
    return bench.security;
  }

  test('R8.5 who is refused by one is refused by all, also by one that comes later; and cleared by any', async () => {
    const [here, there] = [instance(), instance()];
    // Until both are connected what is told holds here alone.
    await expect
      .poll(() => {
        for (let time = 0; time < 10; time += 1) here.saw('bad_key', source);
        return there.blockOf(source)?.why;
      })
      .toBe('bad_key');
    const later = instance();
    await expect.poll(() => later.blockOf(source)?.why).toBe('bad_key');
    expect(later.clear(later.blockOf(source)!.id)).toBe(true);
    await expect.poll(() => there.blockOf(source)).toBeUndefined();
  });

  test('R8.5 what else stands in Redis blocks nobody, and without Redis each blocks by itself', async () => {
    const redis = new Redis(server.url);
    await redis.set('voicechart:block:x', '{"id":"x","source":{"kind":"all","value":"*"}}');
    await redis.set('voicechart:block:y', 'nonsense');
    const other = instance();
    await redis.publish('voicechart:blocks:0', '[]');
    const away = await startRedis();
    const alone = instance(away.url);
    await away.stop();
    for (let time = 0; time < 10; time += 1) alone.saw('bad_key', source);
    expect([alone.list().length, other.list().filter(({ id }) => ['x', 'y'].includes(id))]).toEqual([1, []]);
    redis.disconnect();
  });
});
