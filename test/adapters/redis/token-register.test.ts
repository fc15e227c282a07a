import { Redis } from 'ioredis';
import { describe, expect, test } from 'vitest';
import { openRedisTokenRegister } from '../../../src/adapters/redis/token-register.ts';
import { Secret } from '../../../src/secret.ts';
import { startRedis } from '../../../tools/services/redis.ts';
import { tokenRegisterContract } from '../../support/contracts/token-register.ts';
import { ownRedis } from '../../support/own-redis.ts';

const ada = { room: 'voice-ai-call-1', identity: 'ada' };

describe('over a real redis-server', () => {
  const server = ownRedis();
  tokenRegisterContract('Redis', () => server.twoOf(openRedisTokenRegister));

  test('D6.3 what is barred in one database of a Redis is nothing to the instances of another', async () => {
    const [first, second] = [new Secret(`${server.url}/1`), new Secret(`${server.url}/2`)];
    const [here, neighbour, elsewhere] = await Promise.all([
      openRedisTokenRegister({ url: first }),
      openRedisTokenRegister({ url: first }),
      openRedisTokenRegister({ url: second }),
    ]);
    const heard: string[] = [];
    for (const [name, register] of Object.entries({ neighbour, elsewhere }))
      register.watch({ barred: () => heard.push(name), missed: () => undefined });
    await here.bar(ada, 1000);
    await elsewhere.bar({ ...ada, identity: 'ben' }, 1000);
    await expect.poll(() => heard).toEqual(['neighbour', 'elsewhere']);
    expect(await Promise.all([neighbour, elsewhere].map((each) => each.isBarred(ada)))).toEqual([true, false]);
    await Promise.all([here, neighbour, elsewhere].map((each) => each.close()));
  });

  test('R8.1 neither an id nor a token’s number is kept as it is, and a message that is none is passed over', async () => {
    const register = await openRedisTokenRegister({ url: new Secret(server.url) });
    const heard: string[] = [];
    register.watch({ barred: ({ identity }) => heard.push(identity), missed: () => undefined });
    await register.enrol('canary-id', ada, 1000);
    await register.supersede('canary-jti', 1000);
    const redis = new Redis(server.url);
    await redis.publish('voicechart:barred:0', '{"room":7}');
    await redis.publish('voicechart:barred:0', 'hello');
    await register.bar(ada, 1000);
    await expect.poll(() => heard).toEqual(['ada']);
    const keys = await redis.keys('*');
    expect(keys).toHaveLength(3);
    expect(JSON.stringify([keys, await redis.mget(keys)])).not.toContain('canary');
    redis.disconnect();
    await register.close();
  });
});

describe('a Redis that goes and comes back', () => {
  test('everything rejects within a second while it is away; then it works again, and tells that bars may have been missed', async () => {
    let server = await startRedis();
    const notes: string[] = [];
    const register = await openRedisTokenRegister({ url: new Secret(server.url), note: (news) => notes.push(news) });
    let missed = 0;
    register.watch({ barred: () => undefined, missed: () => (missed += 1) });
    await register.bar(ada, 60_000);
    await server.stop();
    await expect.poll(() => notes).toEqual(['lost']);
    const began = performance.now();
    const asked = [
      register.enrol('id', ada, 1),
      register.find('id'),
      register.bar(ada, 1),
      register.isBarred(ada),
      register.supersede('one', 1),
      register.standing({ jti: 'one', name: ada }),
    ];
    const answers = await Promise.allSettled(asked);
    expect(answers.map(({ status }) => status)).toEqual(asked.map(() => 'rejected'));
    expect(performance.now() - began).toBeLessThan(1000);
    server = await startRedis({ port: server.port });
    await expect.poll(() => [notes, missed]).toEqual([['lost', 'back'], 1]);
    await register.bar(ada, 60_000);
    expect(await register.isBarred(ada)).toBe(true);
    await register.close();
    await server.stop();
  });

  test('one that is not there at the start is waited for in the background', async () => {
    const first = await startRedis();
    await first.stop();
    const notes: string[] = [];
    const register = await openRedisTokenRegister({ url: new Secret(first.url), note: (news) => notes.push(news) });
    await expect(register.isBarred(ada)).rejects.toThrow();
    const second = await startRedis({ port: first.port });
    await expect.poll(() => notes).toEqual(['lost', 'back']);
    expect(await register.isBarred(ada)).toBe(false);
    await register.close();
    await second.stop();
  });
});
