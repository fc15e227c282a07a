import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAsking } from '../../../src/adapters/redis/asking.ts';
import { createRedisStore } from '../../../src/adapters/redis/call-store.ts';
import { keys } from '../../../src/adapters/redis/keys.ts';
import { openRedisStores } from '../../../src/adapters/redis/stores.ts';
import { createWakes } from '../../../src/adapters/redis/wakes.ts';
import { type Clock, systemClock } from '../../../src/clock.ts';
import { StoreUnavailable } from '../../../src/runtime/call-store.ts';
import { Secret } from '../../../src/secret.ts';
import { type RunningRedis, startRedis } from '../../../tools/services/redis.ts';
import { eventOf, joined, recordOf, started, stateEntry, turnEntry } from '../../support/call-drafts.ts';
import { callLogContract } from '../../support/contracts/call-log.ts';
import { callStoreContract } from '../../support/contracts/call-store.ts';
import { dialStoreContract } from '../../support/contracts/dial-store.ts';
import { egressStoreContract } from '../../support/contracts/egress-store.ts';
import { passInRedis } from '../../support/redis-time.ts';

const keepMs = 60_000;

const record = (seq: number, text: string) =>
  recordOf(1, seq, { context: { turn: seq, history: [{ text }, { text }] } });

describe('over a real redis-server', () => {
  let server: RunningRedis;
  let redis: Redis;
  beforeAll(async () => {
    server = await startRedis();
    redis = new Redis(server.url);
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });
  const another = (clock: Clock = systemClock) => openRedisStores({ url: new Secret(server.url), clock, keepMs });
  async function open(clock?: Clock) {
    const opened = await another(clock);
    const close = async () => {
      await opened.close();
      await redis.flushall();
    };
    return { ...opened, close, pass: (ms: number) => passInRedis(redis, ms) };
  }

  callStoreContract('Redis', () => open());
  callLogContract('Redis', () => open());
  egressStoreContract('Redis', () => open());
  dialStoreContract('Redis', (clock) => open(clock));

  test('R8.1 no name of a key or of a channel holds the caller’s number, whatever became of the call', async () => {
    const here = await open();
    const heard: string[] = [];
    const listener = redis.duplicate();
    await listener.psubscribe('*');
    listener.on('pmessage', (_pattern, channel) => heard.push(channel));
    const room = 'voice-ai-call-_+15557770123_a1';
    const calls = [`${room}~SCL_1`, `${room}~sip_+15557770123`];
    const unwatch = calls.map((callKey) => here.store.watchMail(callKey, () => undefined));
    for (const [at, callKey] of calls.entries()) {
      await here.store.ingest(eventOf(`EV_${at}`, joined('PA_1', room), callKey)); // oxlint-disable-line no-await-in-loop
      const { epoch } = (await here.store.claim(callKey))!; // oxlint-disable-line no-await-in-loop
      await here.store.commit(recordOf(epoch, 1, { callKey, room })); // oxlint-disable-line no-await-in-loop
      await here.log.append(callKey, epoch, [started()]); // oxlint-disable-line no-await-in-loop
    }
    const egress = {
      id: 'e1',
      machine: 'egress',
      version: '1',
      over: false,
      value: {},
      context: {},
      timers: [],
    } as const;
    await here.egresses.put({ ...egress, callKey: calls[0]! });
    const order = { room, agent: 'a', to: '+15557770123', ringMs: 1 };
    const limits = { concurrent: 9, dailyMs: 1_000_000, dayStartsAt: 0 };
    await here.dials.order({ callKey: `${room}~out`, order, fingerprint: 'f' }, limits);
    await here.store.end(calls[0]!, 1);
    const names = await redis.keys('*');
    await expect.poll(() => heard.length).toBeGreaterThan(3);
    expect(names.length).toBeGreaterThan(10);
    expect([...names, ...heard].filter((name) => name.includes('5557770123'))).toEqual([]);
    unwatch.forEach((end) => end());
    listener.disconnect();
    await here.close();
  });

  test('R3.4 a call out that an older version has kept takes no place, counts as known, and is forgotten after a day', async () => {
    const here = await open();
    const order = { room: 'out', agent: 'a', to: '+15557770123', ringMs: 1 };
    const dial = { order, fingerprint: 'f' };
    const limits = { concurrent: 1, dailyMs: 1_000_000, dayStartsAt: 0 };
    const askedAt = systemClock.now();
    await redis.hset(keys.dials, 'known', JSON.stringify({ fingerprint: 'f', askedAt }));
    await redis.hset(keys.dials, 'old', JSON.stringify({ fingerprint: 'f', askedAt: askedAt - 25 * 60 * 60_000 }));
    expect(await here.dials.order({ ...dial, callKey: 'new' }, limits)).toBe('ordered');
    expect(await here.dials.order({ ...dial, callKey: 'known' }, limits)).toBe('known');
    expect((await redis.hkeys(keys.dials)).toSorted()).toEqual(['known', 'new']);
    await here.close();
  });

  test('D9.2 what one process stores another sees, and is woken for', async () => {
    const [here, there] = [await open(), await another()];
    const woken: string[] = [];
    there.store.watchMail('call-1', () => woken.push('mail'));
    there.log.watch('call-1', () => woken.push('log'));
    await expect.poll(() => new Set(woken).size).toBe(2);
    woken.length = 0;
    await here.store.ingest(eventOf('EV_1'));
    await here.log.append('call-1', 1, [started()]);
    await expect.poll(() => woken.toSorted()).toEqual(['log', 'mail']);
    expect(await there.store.ingest(eventOf('EV_1'))).toBe('duplicate');
    expect(await there.store.claim('call-1')).toEqual({ epoch: 1, crashes: 0 });
    expect(await here.store.commit(recordOf(0, 1))).toBe('fenced');
    await there.log.append('call-1', 1, [stateEntry('b')]);
    await here.log.append('call-1', 1, [stateEntry('a')]);
    expect((await here.log.read('call-1')).map(({ seq }) => seq)).toEqual([1, 2, 3]);
    await Promise.all([there.close(), here.close()]);
  });

  test('S3 R10.1 claims that were written, and of which Redis could not say so, took no process with them', async () => {
    const here = await open();
    await here.store.ingest(eventOf('EV_1'));
    const unsure = createRedisStore({
      redis,
      ask: createAsking(),
      async sure(write) {
        await write();
        throw new StoreUnavailable('away', 'no replica has it');
      },
      wakes: createWakes(redis, 'mail'),
    });
    for (let n = 0; n < 4; n += 1) await expect(unsure.claim('call-1')).rejects.toThrow('no replica'); // oxlint-disable-line no-await-in-loop
    expect(await here.store.claim('call-1')).toEqual({ epoch: 5, crashes: 0 });
    await expect(unsure.claim('call-1')).rejects.toThrow('no replica');
    expect(await here.store.claim('call-1')).toEqual({ epoch: 7, crashes: 1 });
    await here.close();
  });

  test('S3 an owner whose entries were fenced, and who has the call again later, sums up what is in the log', async () => {
    const [here, there] = [await open(), await another()];
    await here.log.append('call-1', 1, [started()]);
    await there.log.append('call-1', 2, [turnEntry(1)]);
    expect(await here.log.append('call-1', 1, [stateEntry('a')])).toBe('fenced');
    await here.log.append('call-1', 3, [turnEntry(2)]);
    expect(await here.log.summary('call-1')).toMatchObject({ seq: 3, turns: 2 });
    await Promise.all([there.close(), here.close()]);
  });

  test('S3 a commit whose base another has replaced is written whole', async () => {
    const [here, there] = [await open(), await another()];
    await here.store.ingest(eventOf('EV_1'));
    await here.store.claim('call-1');
    await here.store.commit(record(1, 'one'));
    await there.store.commit(record(2, 'two'));
    expect(await here.store.commit(record(3, 'one'))).toBe('committed');
    expect(await there.store.load('call-1')).toEqual(record(3, 'one'));
    await Promise.all([there.close(), here.close()]);
  });

  test('D4.2 entries of which nobody could say whether they were written are not written twice', async () => {
    const stores = await open();
    const drafts = [started(), stateEntry('a')];
    await Promise.all([stores.log.append('call-1', 1, drafts), stores.log.append('call-1', 1, drafts)]);
    expect(await stores.log.read('call-1')).toHaveLength(2);
    await stores.log.append('call-1', 1, [stateEntry('b')]);
    expect((await stores.log.read('call-1')).map(({ seq }) => seq)).toEqual([1, 2, 3]);
    await stores.close();
  });

  test('what need not be kept any more expires; an open call does not', async () => {
    const stores = await open();
    await stores.store.ingest(eventOf('EV_1'));
    const { epoch } = (await stores.store.claim('call-1'))!;
    await stores.store.commit(recordOf(epoch, 1));
    await stores.log.append('call-1', epoch, [started()]);
    await stores.store.ingest(eventOf('EV_2', { type: 'door.room_finished' }, 'call-2'));
    await stores.pass(keepMs);
    expect([await stores.log.calls(), await stores.log.read('call-1')]).toEqual([[], []]);
    await stores.pass(25 * 60 * 60_000);
    expect(await stores.store.load('call-1')).toEqual(recordOf(epoch, 1));
    expect(await stores.store.mail('call-1', 0)).toHaveLength(1);
    await stores.store.end('call-1', epoch);
    await stores.pass(25 * 60 * 60_000);
    expect((await redis.keys('voicechart:*')).toSorted()).toEqual(['voicechart:logs', 'voicechart:position']);
    await stores.close();
  });
});

describe('a Redis that goes, is full, and comes back', () => {
  test('R10.3 everything rejects with a clear word within a second, and works again afterwards', async () => {
    let server = await startRedis();
    const stores = await openRedisStores({ url: new Secret(server.url), clock: systemClock, keepMs });
    await stores.store.ingest(eventOf('EV_1'));
    const admin = new Redis(server.url);
    await admin.config('SET', 'maxmemory', '1');
    await expect(stores.store.ingest(eventOf('EV_2'))).rejects.toMatchObject({
      name: 'StoreUnavailable',
      code: 'full',
    });
    admin.disconnect();
    await server.stop();
    await expect.poll(() => stores.trouble()?.code).toBe('away');
    const began = performance.now();
    const asked = [
      stores.store.ingest(eventOf('EV_3')),
      stores.store.claim('call-1'),
      stores.store.commit(recordOf(1, 1)),
      stores.store.list(),
      stores.log.append('call-1', 1, [started()]),
      stores.log.calls(),
      stores.egresses.open(),
      stores.dials.settle('call-1', 1),
    ];
    for (const answer of await Promise.allSettled(asked))
      expect(answer).toMatchObject({ status: 'rejected', reason: { name: 'StoreUnavailable', code: 'away' } });
    expect(performance.now() - began).toBeLessThan(1000);
    server = await startRedis({ port: server.port });
    await expect.poll(() => stores.trouble()).toBeUndefined();
    expect(await stores.store.ingest(eventOf('EV_1'))).toBe('stored');
    await stores.close();
    await server.stop();
  });
});
