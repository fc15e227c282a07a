import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type AddressInfo, connect, createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openRedisQueue } from '../../../src/adapters/redis/call-queue.ts';
import { usualTimes } from '../../../src/adapters/redis/leases.ts';
import { openRedisStores } from '../../../src/adapters/redis/stores.ts';
import { systemClock } from '../../../src/clock.ts';
import type { Claim } from '../../../src/runtime/call-queue.ts';
import { Secret } from '../../../src/secret.ts';
import { type RunningRedis, startRedis } from '../../../tools/services/redis.ts';
import { eventOf, joined, recordOf } from '../../support/call-drafts.ts';
import { callQueueContract } from '../../support/contracts/call-queue.ts';

const opened: { close(): Promise<void> }[] = [];
const owners: ChildProcess[] = [];

async function open(url: string, maxWaiting = 100) {
  const stores = await openRedisStores({ url: new Secret(url), clock: systemClock, keepMs: 60_000 });
  const queue = await openRedisQueue({ url: new Secret(url), store: stores.store, clock: systemClock, maxWaiting });
  opened.push(queue, stores);
  return { store: stores.store, queue };
}

/** A process that runs every call it is given, and tells of each claim and of each that it lost. */
async function startOwner(url: string) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'owner-process.ts'), url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  owners.push(child);
  const said: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => said.push(line));
  await expect.poll(() => said).toContain('ready');
  return { child, said };
}

describe('over a real redis-server', () => {
  let server: RunningRedis;
  beforeAll(async () => void (server = await startRedis()));
  afterAll(() => server.stop());
  afterEach(async () => {
    for (const child of owners.splice(0)) {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit'); // oxlint-disable-line no-await-in-loop
    }
    await Promise.all(opened.splice(0).map((each) => each.close()));
    const redis = new Redis(server.url);
    await redis.flushall();
    redis.disconnect();
  });

  callQueueContract('BullMQ over Redis', (maxWaiting) => open(server.url, maxWaiting));

  test('R10.1 a queue that loses its connection while it begins is none: it would never take a call', async () => {
    const way = await cutAtSecondInfo(server.port);
    const { store } = await open(server.url);
    const url = new Secret(`redis://127.0.0.1:${way.port}`);
    const opening = openRedisQueue({ url, store, clock: systemClock });
    await expect(opening).rejects.toMatchObject({ code: 'away' });
    way.close();
  });

  const begin = async (calls: readonly string[]) => {
    const owner = await startOwner(server.url);
    const here = await open(server.url);
    for (const callKey of calls) {
      await here.store.ingest(eventOf('EV', joined(), callKey)); // oxlint-disable-line no-await-in-loop
      await here.queue.enqueue(callKey); // oxlint-disable-line no-await-in-loop
    }
    const claimedThere = (epoch: number) => calls.map((callKey) => `claimed ${callKey} ${epoch}`);
    await expect.poll(() => owner.said.toSorted()).toEqual([...claimedThere(1), 'ready'].toSorted());
    const claims: Claim[] = [];
    const end = new AbortController();
    const handler = (claim: Claim) =>
      new Promise<void>((resolve) => {
        claims.push(claim);
        for (const signal of [end.signal, claim.signal]) signal.addEventListener('abort', () => resolve());
      });
    void here.queue.run({ capacity: 100, signal: end.signal }, handler);
    return { ...here, owner, claims, end };
  };

  test('D9.2 S3 the calls of an owner that was killed are another’s within three seconds, each once and as crashed', async () => {
    const calls = Array.from({ length: 20 }, (_, n) => `call-${n}`);
    const { owner, claims } = await begin(calls);
    const killedAt = performance.now();
    owner.child.kill('SIGKILL');
    await expect.poll(() => claims.length).toBe(calls.length);
    expect(performance.now() - killedAt).toBeLessThan(4_000);
    expect(claims.map(({ callKey }) => callKey).toSorted()).toEqual(calls.toSorted());
    expect(new Set(claims.map(({ epoch, crashes }) => `${epoch} ${crashes}`))).toEqual(new Set(['2 1']));
  });

  test('D9.2 S3 an owner that stood still for longer than its lock loses its calls, and nothing it writes afterwards counts', async () => {
    const { owner, claims, store } = await begin(['call-1']);
    owner.child.kill('SIGSTOP');
    await expect.poll(() => claims.length).toBe(1);
    owner.child.kill('SIGCONT');
    await expect.poll(() => owner.said).toContain('lost call-1 fenced');
    expect(claims[0]!.signal.aborted).toBe(false);
    expect(await store.commit(recordOf(2, 1))).toBe('committed');
  });

  test('D9.2 R10.3 a Redis that stood still for longer than a lock makes no call change hands', async () => {
    const { owner, claims } = await begin(['call-1', 'call-2']);
    process.kill(server.pid, 'SIGSTOP');
    await delay(usualTimes.lockMs + 1_000);
    process.kill(server.pid, 'SIGCONT');
    const redis = new Redis(server.url);
    await expect.poll(() => redis.hget('voicechart:queue:calls:watch', 'owed')).toBe('1');
    expect(await redis.keys('voicechart:queue:calls:*:lock')).toHaveLength(2);
    // From here on calls without a lock are given to others.
    await expect.poll(() => redis.hget('voicechart:queue:calls:watch', 'owed')).toBe('0');
    redis.disconnect();
    expect(claims).toEqual([]);
    expect(owner.said.filter((line) => line.startsWith('lost'))).toEqual([]);
  });

  test('D9.4 R9.3 a call that is handed over is another’s at once', async () => {
    const { owner, claims } = await begin(['call-1']);
    const askedAt = performance.now();
    owner.child.kill('SIGTERM');
    await expect.poll(() => claims.length).toBe(1);
    expect(performance.now() - askedAt).toBeLessThan(1_000);
    expect(claims[0]).toMatchObject({ epoch: 2, crashes: 0, attempt: 1 });
  });
});

/** A way to Redis that breaks when BullMQ asks how it stands; the client did so before. */
async function cutAtSecondInfo(to: number) {
  const server = createServer((client) => {
    const redis = connect(to, '127.0.0.1');
    let asked = 0;
    client.on('data', (data) => {
      asked += /\r\ninfo\r\n/i.test(data.toString('latin1')) ? 1 : 0;
      if (asked > 1) client.destroy();
    });
    client.pipe(redis).pipe(client);
    for (const socket of [client, redis]) socket.on('error', () => undefined);
    client.on('close', () => redis.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}
