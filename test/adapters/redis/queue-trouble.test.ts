import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openRedisQueue } from '../../../src/adapters/redis/call-queue.ts';
import { openRedisStores } from '../../../src/adapters/redis/stores.ts';
import { systemClock } from '../../../src/clock.ts';
import { type Claim, isSure } from '../../../src/runtime/call-queue.ts';
import { Secret } from '../../../src/secret.ts';
import { startRedis } from '../../../tools/services/redis.ts';
import { caller } from '../../support/call-harness.ts';
import { openRedisLink } from '../../support/redis-link.ts';
import { type BedServer, type SentinelBed, startSentinelBed } from '../../support/sentinel.ts';

const capacity = 6;
const roomsOf = (life: number) => Array.from({ length: capacity }, (_, at) => `room-${life}-${at}`);

/** An owner of calls that last until they are told otherwise, and whoever joins him with as many places. */
async function owners(url: string) {
  const stop = new AbortController();
  const claims: Claim[] = [];
  const lost: string[] = [];
  const open = async (url: string) => {
    const options = { url: new Secret(url), clock: systemClock };
    const { store, close } = await openRedisStores({ ...options, keepMs: 60_000 });
    const queue = await openRedisQueue({ ...options, store });
    const handler = async (claim: Claim) => {
      claims.push(claim);
      await new Promise<void>((resolve) => {
        claim.signal.addEventListener('abort', () => {
          lost.push(claim.callKey);
          resolve();
        });
        stop.signal.addEventListener('abort', () => resolve());
      });
      await store.end(claim.callKey, claim.epoch);
    };
    const running = queue.run({ capacity, signal: stop.signal }, handler);
    const end = async () => {
      await running;
      await queue.close();
      await close();
    };
    return { store, queue, end };
  };
  const first = await open(url);
  const others: (typeof first)[] = [];
  return {
    claims,
    lost,
    async call(room: string) {
      const { store, queue } = first;
      const callKey = `${room}~call`;
      await store.ingest({ id: 'EV_1', callKey, at: 0, fact: { type: 'door.caller_joined', room, caller } });
      await queue.enqueue(callKey);
    },
    join: async (otherUrl: string) => void others.push(await open(otherUrl)),
    areSure: () => claims.map((claim) => isSure(claim, Date.now())),
    async end() {
      stop.abort();
      await Promise.all([first, ...others].map((each) => each.end()));
    },
  };
}

test('R10.1 an owner who has Redis back later than the others keeps his calls', async () => {
  const redis = await startRedis();
  const link = await openRedisLink(redis.port);
  const all = await owners(`redis://127.0.0.1:${link.port}`);
  for (const room of roomsOf(0)) await all.call(room); // oxlint-disable-line no-await-in-loop
  await expect.poll(() => all.claims.length).toBe(capacity);
  await all.join(redis.url);
  link.cut('clients');
  process.kill(redis.pid, 'SIGSTOP');
  await delay(4000);
  process.kill(redis.pid, 'SIGCONT');
  await delay(1800);
  link.heal();
  await expect.poll(all.areSure).toEqual(all.claims.map(() => true));
  await delay(5000);
  expect([all.claims.length, all.lost]).toEqual([capacity, []]);
  await all.end();
  link.close();
  await redis.stop();
});

describe('who runs a call, on a Redis in trouble', () => {
  let bed: SentinelBed;
  let old: BedServer;
  let all: Awaited<ReturnType<typeof owners>>;
  let life = 0;
  beforeAll(async () => void (bed = await startSentinelBed()), 60_000);
  beforeEach(async () => {
    await bed.whole();
    old = await bed.primary();
    all = await owners(bed.url);
    life += 1;
    for (const room of roomsOf(life)) await all.call(room); // oxlint-disable-line no-await-in-loop
    await expect.poll(() => all.claims.length).toBe(capacity);
    await all.join(bed.url);
  }, 60_000);
  afterEach(() => all.end());
  afterAll(() => bed.stop());

  const troubles: readonly (readonly [string, () => unknown, () => unknown])[] = [
    ['its primary is killed', () => old.kill(), () => old.start()],
    ['its primary is frozen', () => old.freeze(), () => old.thaw()],
    ['its primary is cut off', () => old.link.cut('clients', 'peers'), () => old.link.heal()],
    ['it is gone for ten seconds', () => bed.killAll(), () => bed.startAll()],
    [
      'it is slow by 500 ms',
      () => bed.servers.forEach(({ link }) => link.slow(500)),
      () => bed.servers.forEach(({ link }) => link.slow(0)),
    ],
  ];
  test.each(troubles)('R10.1 where %s no call changes hands, and owners are sure again', async (_, hurt, mend) => {
    await hurt();
    await delay(10_000);
    await mend();
    await bed.whole();
    await expect.poll(all.areSure).toEqual(all.claims.map(() => true));
    // Longer than it takes to find an owner dead.
    await delay(6000);
    expect(all.areSure()).toEqual(all.claims.map(() => true));
    expect([all.claims.length, all.lost]).toEqual([capacity, []]);
  });

  test('R10.1 while Redis is gone no owner is sure, so that nothing irreversible begins', async () => {
    await bed.killAll();
    await expect.poll(all.areSure).toEqual(all.claims.map(() => false));
    await bed.startAll();
    await expect.poll(all.areSure).toEqual(all.claims.map(() => true));
  });
});
