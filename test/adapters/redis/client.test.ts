import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { connected, createRedisClient } from '../../../src/adapters/redis/client.ts';
import { Secret } from '../../../src/secret.ts';
import { findRedisServer, startRedis } from '../../../tools/services/redis.ts';
import { startSentinelFake } from '../../support/sentinel-fake.ts';

test.skipIf(!findRedisServer() && !process.env['CI'])(
  'R10.1 a client that is told of another primary while it asks for the primary is connected again',
  async () => {
    const server = await startRedis();
    const sentinel = await startSentinelFake(server.port);
    const redis = createRedisClient({ url: new Secret(`redis+sentinel://127.0.0.1:${sentinel.port}/calls`) });
    await connected(redis);
    await sentinel.listened();
    const asked = sentinel.hold();
    const operator = new Redis(server.url);
    await operator.call('CLIENT', 'KILL', 'TYPE', 'normal');
    const question = await asked;
    await sentinel.tellSwitch();
    question.answer();
    await expect.poll(() => redis.ping().catch(() => 'away'), { timeout: 5000 }).toBe('PONG');
    redis.disconnect();
    operator.disconnect();
    sentinel.close();
    await server.stop();
  },
);
