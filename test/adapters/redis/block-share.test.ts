import { connect, createServer, type AddressInfo } from 'node:net';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createRedisBlockShare } from '../../../src/adapters/redis/block-share.ts';
import { systemClock } from '../../../src/clock.ts';
import { Secret } from '../../../src/secret.ts';
import { type RunningRedis, startRedis } from '../../../tools/services/redis.ts';
import { securityBench } from '../../support/security-bench.ts';

const source = { kind: 'ip', value: '203.0.113.7' } as const;

/** A way to Redis on which the first connection hears nothing until another one has subscribed. */
async function lateFirst(redisUrl: string) {
  const { hostname, port } = new URL(redisUrl);
  const subscribed = Promise.withResolvers<void>();
  let connections = 0;
  const server = createServer((client) => {
    const isFirst = (connections += 1) === 1;
    const upstream = connect(Number(port), hostname);
    for (const each of [client, upstream]) each.on('error', () => undefined);
    client.pipe(upstream);
    client.once('close', () => upstream.destroy());
    if (isFirst) return void subscribed.promise.then(() => upstream.pipe(client));
    upstream.pipe(client);
    // Its answer to SUBSCRIBE, after which the other one goes on.
    upstream.on('data', (data: Buffer) => data.includes('subscribe') && subscribed.resolve());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** What goes through already goes on. */
    close: () => void server.close(),
  };
}

describe('blocks of instances on one Redis', () => {
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

  test('R8.5 who was refused before is refused though the connection for questions is there last', async () => {
    const redis = new Redis(server.url);
    const block = { id: 'kept', source: { kind: 'ip', value: '203.0.113.9' }, why: 'bad_key', since: 0, until: 9e15 };
    await redis.set('voicechart:block:kept', JSON.stringify(block));
    const { url, close } = await lateFirst(server.url);
    const later = instance(url);
    await expect.poll(() => later.blockOf({ kind: 'ip', value: '203.0.113.9' })?.id).toBe('kept');
    await redis.del('voicechart:block:kept');
    redis.disconnect();
    close();
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
