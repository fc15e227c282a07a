import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { CallOwner } from '../../src/runtime/calls.ts';
import { type RunningRedis, startRedis } from '../../tools/services/redis.ts';
import { greeted } from '../support/call-ask.ts';
import { inRealTime } from '../support/call-real-time.ts';
import { type Instances, type InstancesOptions, type LivingInstance, openInstances } from '../support/instances.ts';
import { isAlive } from '../support/is-alive.ts';
import { resumptionOf } from '../support/resumption.ts';

let redis: RunningRedis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

const text = 'The house was built by some lake long ago, it has forty rooms and a view of the hills.';
const bomb = { user: 'explode', tools: [{ name: 'explode', input: {} }] };

const open = (workers: number, openai: NonNullable<InstancesOptions['emulators']>['openai']) =>
  openInstances({ emulators: { openai }, settings: { REDIS_URL: redis.url, WORKERS: String(workers) } });

async function ask(instance: LivingInstance, path: string): Promise<any> {
  const answer = await fetch(`${instance.api}${path}`, { headers: instance.access.headers });
  const body = await answer.json();
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${JSON.stringify(body)}`);
  return body;
}

/** Between two owners it has none. */
const ownerOf = (instance: LivingInstance, callKey: string): Promise<CallOwner> =>
  vi.waitUntil(async () => (await ask(instance, `/v1/calls/${encodeURIComponent(callKey)}`)).owner, 10_000);

async function talking(world: Instances) {
  const call = await world.dial();
  await greeted(call);
  return call;
}

test('S3 D9.1 a process that runs calls is killed in mid-sentence: another one of the same instance goes on at the first unheard word', () =>
  inRealTime(async () => {
    const world = await open(1, { rules: [{ text }] });
    const instance = await world.start();
    const call = await talking(world);
    const owner = await ownerOf(instance, call.callKey);
    expect(owner.pid).not.toBe(instance.pid);
    await call.phone.sayWords('tell me more');
    await call.phone.when('heard.word', (word) => word.text === 'lake');
    const killedAt = Date.now();
    process.kill(owner.pid, 'SIGKILL');
    await call.phone.when('heard.word', (word) => word.text === 'hills.', 60_000);
    const { silenceMs, repeated, lost } = resumptionOf(text, call.phone.heard(), killedAt);
    console.log(`killed worker: ${silenceMs} ms of silence`);
    expect(lost).toEqual([]);
    expect(repeated).toBeLessThanOrEqual(2);
    expect(silenceMs).toBeLessThan(3000);
    const after = await ownerOf(instance, call.callKey);
    expect(after.pid).not.toBe(owner.pid);
    expect(after.epoch).toBeGreaterThan(owner.epoch);
    const metrics = await fetch(`${instance.health}/metrics`).then((answer) => answer.text());
    expect(metrics).toMatch(/voicechart_calls_taken_up_total [1-9]/);
    await world.close();
  }));

test('S3 a call whose tool kills every process ends with an apology and an alert, and the calls beside it go on', () =>
  inRealTime(async () => {
    const world = await open(1, { rules: [bomb, { text }] });
    const instance = await world.start();
    const [good, bad] = [await talking(world), await talking(world)];
    await bad.phone.sayWords('please explode now');
    const end = await bad.until(({ kind, data }) => kind === 'call' && data['what'] === 'ended', 90_000);
    expect(end.data['why']).toBe('crashed too often');
    expect(
      bad.phone
        .heard()
        .map((word) => word.text)
        .join(' '),
    ).toContain('something went wrong on our side');
    await good.phone.sayWords('tell me more');
    await good.phone.when('heard.word', (word) => word.text === 'hills.', 60_000);
    const { alerts } = await ask(instance, '/v1/alerts');
    expect(alerts).toContainEqual(expect.objectContaining({ kind: 'call_crashed', target: 'clerk' }));
    await world.close();
  }));

test('S3 D9.1 a process whose event loop hangs in a tool is killed within two seconds, and all of its calls go on elsewhere', () =>
  inRealTime(async () => {
    const brood = { user: 'brood', tools: [{ name: 'brood', input: {} }] };
    const world = await open(1, { rules: [brood, { tool: 'brood', text: 'Nobody knows.' }, { text }] });
    const instance = await world.start();
    const [good, bad] = [await talking(world), await talking(world)];
    const owner = await ownerOf(instance, bad.callKey);
    expect((await ownerOf(instance, good.callKey)).pid).toBe(owner.pid);
    await good.phone.sayWords('tell me more');
    await good.phone.when('heard.word', (word) => word.text === 'lake');
    void bad.phone.sayWords('please brood');
    await expect.poll(world.toolRuns).toEqual(['brood begins']);
    const hungAt = Date.now();
    await expect.poll(() => isAlive(owner.pid), { timeout: 5000 }).toBe(false);
    console.log(`hung worker: killed after ${Date.now() - hungAt} ms`);
    expect(Date.now() - hungAt).toBeLessThan(3000);
    await good.phone.when('heard.word', (word) => word.text === 'hills.', 60_000);
    const { repeated, lost } = resumptionOf(text, good.phone.heard(), hungAt);
    expect(lost).toEqual([]);
    expect(repeated).toBeLessThanOrEqual(2);
    await bad.phone.when('heard.word', (word) => word.text === 'knows.', 60_000);
    expect(world.toolRuns()).toEqual(['brood begins']);
    for (const call of [good, bad]) expect((await ownerOf(instance, call.callKey)).pid).not.toBe(owner.pid);
    await world.close();
  }));

test('S3 the processes that run calls are gone half a second after their instance was killed', () =>
  inRealTime(async () => {
    const world = await open(1, { rules: [{ text }] });
    const instance = await world.start();
    const call = await talking(world);
    const owner = await ownerOf(instance, call.callKey);
    await instance.kill();
    await expect.poll(() => isAlive(owner.pid), { timeout: 1000 }).toBe(false);
    await world.close();
  }));
