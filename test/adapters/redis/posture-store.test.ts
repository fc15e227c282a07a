import { Redis } from 'ioredis';
import { describe, expect, test } from 'vitest';
import { openRedisPostures } from '../../../src/adapters/redis/posture-store.ts';
import { systemClock } from '../../../src/clock.ts';
import { calmPosture } from '../../../src/posture.ts';
import { Secret } from '../../../src/secret.ts';
import { postureStoreContract } from '../../support/contracts/posture-store.ts';
import { ownRedis } from '../../support/own-redis.ts';
import { fails, recoveryHostBench, refused } from '../../support/recovery-harness.ts';

describe('over a real redis-server', () => {
  const server = ownRedis();
  postureStoreContract('Redis', () => server.twoOf(openRedisPostures));

  test('D8.8 what somebody else wrote into it, or another database tells, is no posture', async () => {
    const [here, elsewhere] = await Promise.all([
      openRedisPostures({ url: new Secret(server.url) }),
      openRedisPostures({ url: new Secret(`${server.url}/1`) }),
    ]);
    const heard: number[] = [];
    here.watch(({ version }) => heard.push(version));
    const redis = new Redis(server.url);
    await redis.set('voicechart:posture', '{"mode":"asleep"}');
    expect(await here.read()).toBeUndefined();
    await redis.publish('voicechart:posture:0', 'no JSON');
    const [own, other] = [await here.lead(1000), await elsewhere.lead(1000)];
    await elsewhere.write({ ...calmPosture, version: 1 }, other!);
    await here.write({ ...calmPosture, version: 2 }, own!);
    await expect.poll(() => heard).toEqual([2]);
    redis.disconnect();
    await Promise.all([here.close(), elsewhere.close()]);
  });

  test('D8.8 two instances on one Redis that see the same write one posture, once; the next leader goes on from it', async () => {
    const url = new Secret(`${server.url}/2`);
    const stores = await Promise.all([openRedisPostures({ url }), openRedisPostures({ url })]);
    const hosts = stores.map((store) =>
      recoveryHostBench(store, systemClock, { outcomes: { retryAccess: fails(refused) } }),
    );
    await expect.poll(() => hosts.filter(({ recovery }) => recovery.view().leads).length).toBe(1);
    for (const { tells } of hosts) tells('livekit-room', 'unhealthy', refused);
    const expected = { mode: 'failsafe', livekitHost: 'fallback' };
    await expect.poll(() => hosts.map(({ board }) => board.now())).toMatchObject([expected, expected]);
    const first = hosts.find(({ recovery }) => recovery.view().leads)!;
    const second = hosts.find((host) => host !== first)!;
    await first.recovery.close();
    await expect.poll(() => second.recovery.view().leads, { timeout: 5000 }).toBe(true);
    expect(second.board.now()).toEqual(first.board.now());
    await second.recovery.close();
  });

  test('D8.8 a Redis that was emptied is told the posture again, and has it for who begins then', async () => {
    const url = new Secret(`${server.url}/3`);
    const [store, other] = await Promise.all([openRedisPostures({ url }), openRedisPostures({ url })]);
    const { recovery, tells } = recoveryHostBench(store, systemClock, { outcomes: { retryAccess: fails(refused) } });
    await expect.poll(() => recovery.view().leads).toBe(true);
    tells('livekit-room', 'unhealthy', refused);
    await expect.poll(() => other.read()).toMatchObject({ mode: 'failsafe', livekitHost: 'fallback' });
    const redis = new Redis(url.reveal());
    await redis.flushdb();
    redis.disconnect();
    expect(await other.read()).toBeUndefined();
    await expect.poll(() => other.read(), { timeout: 5000 }).toEqual(recovery.view().posture);
    await Promise.all([recovery.close(), other.close()]);
  });
});
