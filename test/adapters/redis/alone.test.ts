import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openRedisAlone } from '../../../src/adapters/redis/alone.ts';
import { systemClock } from '../../../src/clock.ts';
import { guardRooms } from '../../../src/runtime/guarded-rooms.ts';
import { Secret } from '../../../src/secret.ts';
import { type RunningRedis, startRedis } from '../../../tools/services/redis.ts';
import { createFakeRooms } from '../../support/fakes/fake-rooms.ts';

type Instance = Awaited<ReturnType<typeof openRedisAlone>>;

describe('one at a time among instances on one Redis', () => {
  let server: RunningRedis;
  let instances: Instance[];
  beforeAll(async () => void (server = await startRedis()));
  afterAll(() => server.stop());
  beforeEach(async () => {
    const url = new Secret(server.url);
    instances = await Promise.all([1, 2, 3].map(() => openRedisAlone({ url, clock: systemClock })));
  });
  afterEach(() => Promise.all(instances.map((each) => each.close())));

  test('R9.5 of rooms wanted at three instances at once no more are made than there is place for', async () => {
    const { rooms } = createFakeRooms();
    const slow = { ...rooms, list: async () => (await rooms.list()).slice() };
    const guards = instances.map((alone) =>
      guardRooms({ rooms: slow, limits: { rooms: 4, participants: 100 }, alone }),
    );
    const wanted = Array.from({ length: 12 }, (_, at) =>
      guards[at % 3]!.create({ name: `room-${at}`, maxParticipants: 1 }),
    );
    const made = await Promise.allSettled(wanted);
    expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(4);
    expect(await rooms.list()).toHaveLength(4);
  });

  test('what failed lets the next one in, and things of other names do not wait', async () => {
    const [here, there] = instances as [(typeof instances)[0], (typeof instances)[0]];
    await expect(here.hold('rooms', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    const held = Promise.withResolvers<string>();
    const first = here.hold('rooms', () => held.promise);
    expect(await there.hold('others', async () => 'at once')).toBe('at once');
    held.resolve('done');
    expect([await first, await there.hold('rooms', async () => 'after')]).toEqual(['done', 'after']);
  });

  test('who waits for longer than five seconds is refused, and may come again', async () => {
    const redis = new Redis(server.url);
    await redis.set('voicechart:alone:rooms', 'of one that died', 'PX', 60_000);
    await expect(instances[0]!.hold('rooms', async () => 'made')).rejects.toMatchObject({
      code: 'limit',
      failure: { retryable: true },
    });
    expect(await redis.get('voicechart:alone:rooms')).toBe('of one that died');
    await redis.del('voicechart:alone:rooms');
    redis.disconnect();
  });

  test('connections are made anew once nobody works any more, and who comes meanwhile waits', async () => {
    const [here, there] = instances as [(typeof instances)[0], (typeof instances)[0]];
    const working = Promise.withResolvers<void>();
    const order: string[] = [];
    const first = here.hold('rooms', () => working.promise.then(() => void order.push('first')));
    const renewed = here.renew().then(() => void order.push('renewed'));
    const after = here.hold('rooms', async () => void order.push('after'));
    const other = there.hold('rooms', async () => void order.push('other'));
    working.resolve();
    await Promise.all([first, renewed, after, other]);
    expect(order[0]).toBe('first');
    expect(order.indexOf('renewed')).toBeLessThan(order.indexOf('after'));
    // Nothing was left behind: it would be waited for.
    expect(await there.hold('rooms', async () => 'at once')).toBe('at once');
  });

  test('R10.1 one goes on with a thing for as long as it asks in time, then another does', async () => {
    const [first, second] = instances as [Instance, Instance];
    expect(await first.leads('sweep', 60_000)).toBe(true);
    expect([await second.leads('sweep', 300), await second.leads('other', 300)]).toEqual([false, true]);
    expect(await first.leads('sweep', 1)).toBe(true);
    await expect.poll(() => second.leads('sweep', 60_000)).toBe(true);
    expect(await first.leads('sweep', 1)).toBe(false);
  });

  test('while Redis is away the work is done all the same', async () => {
    const other = await startRedis();
    const alone = await openRedisAlone({ url: new Secret(other.url), clock: systemClock });
    await other.stop();
    expect(await alone.hold('rooms', async () => 'made')).toBe('made');
    await alone.close();
  });
});
