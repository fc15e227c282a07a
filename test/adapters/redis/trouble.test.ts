import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openRedisStores } from '../../../src/adapters/redis/stores.ts';
import { checkRedis } from '../../../src/cli/doctor/redis.ts';
import { systemClock } from '../../../src/clock.ts';
import { Secret } from '../../../src/secret.ts';
import { type BusyCall, busyCall } from '../../support/acknowledged.ts';
import { createChecking } from '../../support/checking.ts';
import { type BedServer, type SentinelBed, startSentinelBed } from '../../support/sentinel.ts';

type Opened = Awaited<ReturnType<typeof openRedisStores>>;

/** The longest that a webhook waits for its answer, and what is shorter than it by far. */
const webhookWaitsMs = 1800;

describe('Redis in trouble, under sentinels', () => {
  let bed: SentinelBed;
  let old: BedServer;
  let stores: Opened[];
  let calls: BusyCall[];
  let lives = 0;
  beforeAll(async () => void (bed = await startSentinelBed()), 60_000);
  beforeEach(async () => {
    await bed.whole();
    old = await bed.primary();
    const options = { url: new Secret(bed.url), clock: systemClock, keepMs: 60_000 };
    stores = await Promise.all([openRedisStores(options), openRedisStores(options)]);
    lives += 1;
    calls = await Promise.all([0, 1, 2, 3].map((at) => busyCall(stores[at % 2]!, `room-${at}~call-${lives}`)));
    await Promise.all(calls.map((call) => call.more(20)));
  }, 60_000);
  afterEach(() => Promise.all(stores.map((each) => each.close())));
  afterAll(() => bed.stop());

  const times = () => ({
    gapMs: Math.max(...calls.map((call) => call.times().gapMs)),
    refusalMs: Math.max(...calls.map((call) => call.times().refusalMs)),
  });
  const missing = async () => (await Promise.all(calls.map((call) => call.missing()))).flat();

  test('R7.2 the doctor names the primary, and finds nothing to mend', async () => {
    const checking = createChecking();
    await checkRedis(new Secret(bed.url), checking);
    const saw = expect.stringMatching(/^the primary calls \(by 127\.0\.0\.1:\d+, .*\) answers: \d+\./);
    expect(checking.findings).toMatchObject([{ verdict: 'well', saw }]);
    expect(await missing()).toEqual([]);
  });

  const ofPrimary: readonly (readonly [string, () => unknown, () => unknown])[] = [
    ['that is killed', () => old.kill(), () => old.start()],
    ['that is frozen', () => old.freeze(), () => old.thaw()],
    ['that is cut off from all', () => old.link.cut('clients', 'peers'), () => old.link.heal()],
    ['that is cut off from its replicas alone', () => old.link.cut('peers'), () => old.link.heal()],
  ];
  test.each(ofPrimary)('R10.1 of a primary %s nothing is lost: another takes its place', async (_, hurt, mend) => {
    await hurt();
    await expect.poll(() => bed.primary(), { timeout: 20_000 }).not.toBe(old);
    await Promise.all(calls.map((call) => call.more(20)));
    await mend();
    await bed.whole();
    await Promise.all(calls.map((call) => call.more(20)));
    expect(times().gapMs).toBeLessThan(8000);
    expect(times().refusalMs).toBeLessThan(webhookWaitsMs);
    expect(await missing()).toEqual([]);
  });

  test('R10.1 while its memory is full it says so, and keeps what it has', async () => {
    await old.full(true);
    const fact = { type: 'door.room_finished' } as const;
    const ingest = () => stores[0]!.store.ingest({ id: 'EV_9', callKey: calls[0]!.callKey, at: 0, fact });
    await expect.poll(() => ingest().catch(({ code }: { code: string }) => code)).toBe('full');
    await old.full(false);
    await Promise.all(calls.map((call) => call.more(20)));
    expect(await missing()).toEqual([]);
  });

  test('R10.1 slow by 500 ms it is used all the same', async () => {
    for (const { link } of bed.servers) link.slow(500);
    await Promise.all(calls.map((call) => call.more(3)));
    for (const { link } of bed.servers) link.slow(0);
    await Promise.all(calls.map((call) => call.more(20)));
    expect(times().gapMs).toBeLessThan(8000);
    expect(await missing()).toEqual([]);
  });

  test('R10.1 gone with all its replicas it refuses at once, and what it had is there when they are back', async () => {
    await bed.killAll();
    await delay(10_000);
    await bed.startAll();
    await Promise.all(calls.map((call) => call.more(20)));
    expect(times().refusalMs).toBeLessThan(webhookWaitsMs);
    expect(await missing()).toEqual([]);
  });
});
