import { expect, test } from 'vitest';
import { openRedisStores } from '../../src/adapters/redis/stores.ts';
import { systemClock } from '../../src/clock.ts';
import { callMachineVersion } from '../../src/machines/call/call.machine.ts';
import { Secret } from '../../src/secret.ts';
import { type RunningRedis, startRedis } from '../../tools/services/redis.ts';
import { greeted } from '../support/call-ask.ts';
import { inRealTime } from '../support/call-real-time.ts';
import { webhooksOf } from '../support/hub.ts';
import { type Instances, type LivingInstance, type MortalCall, openInstances } from '../support/instances.ts';
import { tale } from '../support/two-instances.ts';

const breakfast = 'It is at seven.';
const rules = [{ user: 'breakfast', text: breakfast }, { text: tale }];

/** The machine of the next release. */
const newer = { NODE_OPTIONS: `--import ${new URL('../support/newer-machine.ts', import.meta.url).href}` };

const startTwo = (world: Instances, settings = {}) => Promise.all([world.start(settings), world.start(settings)]);

async function greetedCall(world: Instances): Promise<MortalCall> {
  const call = await world.dial();
  await greeted(call);
  return call;
}

/** The caller asks, and hears how the answer begins. Gives all that he heard once he has heard its end. */
async function ask(call: MortalCall, question: string, answer: string): Promise<() => Promise<string[]>> {
  const askedAt = Date.now();
  const words = answer.split(' ');
  const heard = () => call.phone.heard().filter(({ startMs }) => startMs > askedAt);
  const hears = (some: readonly string[]) =>
    call.phone.when('heard.word', ({ text, startMs }) => startMs > askedAt && some.includes(text), 40_000);
  await call.phone.sayWords(question);
  await hears(words.slice(0, 8));
  return async () => {
    // One of them may be damaged on its way.
    await hears(words.slice(-2));
    const { endMs } = await call.phone.when('sound.ended', (sound) => sound.endMs > heard().at(-1)!.startMs);
    return heard().flatMap(({ text, startMs }) => (startMs < endMs ? [text] : []));
  };
}

/** Said once and in its order, with nothing in between; a filler may come before, and one word be damaged on its way. */
function expectWhole(heard: readonly string[], answer: string): void {
  const words = answer.split(' ');
  const told = heard.slice(heard.findIndex((word) => words.includes(word)));
  const places = told.map((word) => words.indexOf(word));
  expect(places, heard.join(' ')).toEqual([...new Set(places)].toSorted((one, other) => one - other));
  expect(places, heard.join(' ')).not.toContain(-1);
  expect(told.length, heard.join(' ')).toBeGreaterThanOrEqual(words.length - 1);
}

/** An old instance goes while its callers are told something. Gives who rings up meanwhile, once he was answered, and when it was asked to go. */
async function retire(world: Instances, old: LivingInstance, calls: readonly MortalCall[]) {
  const told = await Promise.all(calls.map((call) => ask(call, 'tell me more', tale)));
  const askedAt = Date.now();
  const gone = old.terminate();
  const late = await greetedCall(world);
  for (const heard of await Promise.all(told.map((each) => each()))) expectWhole(heard, tale);
  expect(await gone).toBe(0);
  const all = [...calls, late];
  const answers = await Promise.all(all.map((call) => ask(call, 'and what about breakfast', breakfast)));
  for (const heard of await Promise.all(answers.map((each) => each()))) expectWhole(heard, breakfast);
  return { all, askedAt };
}

/** How long nobody of ours was in the room, each time that the call changed hands. */
function gapsOf({ phone }: MortalCall): number[] {
  const gaps: number[] = [];
  let present = 0;
  let leftAt = Number.POSITIVE_INFINITY;
  for (const { type, atMs } of phone.events()) {
    if (type === 'voice.joined' && present === 0 && leftAt < atMs) gaps.push(Math.round(atMs - leftAt));
    if (type === 'voice.joined') present += 1;
    if (type === 'voice.left') present -= 1;
    if (type === 'voice.left' && present === 0) leftAt = atMs;
  }
  return gaps;
}

const ownersOf = ({ phone }: MortalCall): number => phone.events().filter(({ type }) => type === 'voice.joined').length;

async function versionsOf({ url }: RunningRedis, calls: readonly MortalCall[]): Promise<(string | undefined)[]> {
  const stores = await openRedisStores({ url: new Secret(url), clock: systemClock, keepMs: 3_600_000 });
  const records = await Promise.all(calls.map(({ callKey }) => stores.store.load(callKey)));
  await stores.close();
  return records.map((record) => record?.version);
}

test('S3 D9.1 a rolling deploy of a new version of the machine: no call is dropped, none has a gap, and no webhook is lost', () =>
  inRealTime(async () => {
    const redis = await startRedis();
    const openai = { rules, settings: { firstTokenMs: 400 } };
    const world = await openInstances({ emulators: { openai }, settings: { REDIS_URL: redis.url } });
    try {
      const [one, two] = await startTwo(world);
      const calls = await Promise.all([greetedCall(world), greetedCall(world), greetedCall(world)]);
      const before = await versionsOf(redis, calls);
      await startTwo(world, newer);
      const first = await retire(world, one, calls);
      const second = await retire(world, two, first.all);

      const seen = (await Promise.all(second.all.map(({ room }) => webhooksOf(room)))).flat();
      const gaps = second.all.map(gapsOf);
      console.log(`deployed: gaps of ${JSON.stringify(gaps)} ms, ${seen.length} webhooks`);
      expect(before).toEqual(calls.map(() => String(callMachineVersion)));
      expect(await versionsOf(redis, second.all)).toEqual(second.all.map(() => String(callMachineVersion + 1)));
      for (const call of calls) expect(ownersOf(call)).toBeGreaterThan(1);
      const taken = seen.filter(({ status }) => status === 200);
      const lost = seen.filter(({ body }) => !taken.some((each) => each.body['id'] === body['id']));
      expect(lost).toEqual([]);
      for (const [{ webhooks }, { askedAt }] of [[one, first] as const, [two, second] as const])
        expect(taken.filter(({ door, atMs }) => door?.startsWith(webhooks) && atMs > askedAt)).not.toEqual([]);
      expect(Math.max(0, ...gaps.flat())).toBeLessThan(1000);
    } finally {
      await world.close();
      await redis.stop();
    }
  }));
