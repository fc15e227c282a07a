import { afterAll } from 'vitest';
import type { Rule } from '../../emulators/openai/script.ts';
import { type RunningRedis, startRedis } from '../../tools/services/redis.ts';
import { greeted } from './call-ask.ts';
import { type Instances, type InstancesOptions, type MortalCall, openInstances } from './instances.ts';

/** No word of it is one of the agent's phrases. */
export const tale = 'The house was built by some lake long ago, it has forty rooms and a view of green hills.';

const last: readonly Rule[] = [{ user: 'breakfast', text: 'Seven it is.' }, { text: tale }];

export interface TwoInstancesOptions extends Pick<InstancesOptions, 'livekit' | 'settings'> {
  /** Of the model, before those of the tale. */
  readonly rules?: readonly Rule[];
}

const servers: RunningRedis[] = [];
afterAll(async () => void (await Promise.all(servers.map((each) => each.stop()))));

/** Two instances that share their calls over a Redis of their own. */
export async function twoInstances(options: TwoInstancesOptions = {}): Promise<Instances> {
  const redis = await startRedis();
  servers.push(redis);
  const settings = { REDIS_URL: redis.url, DRAIN_SECONDS: '1', ...options.settings };
  const openai = { rules: [...(options.rules ?? []), ...last], settings: { firstTokenMs: 400 } };
  const world = await openInstances({ ...options, emulators: { openai }, settings });
  await Promise.all([world.start(), world.start()]);
  return world;
}

export const hears = (call: MortalCall, word: string) =>
  call.phone.when('heard.word', (heard) => heard.text === word, 30_000);

/** A call whose caller is being told the tale. */
export async function toldTale(world: Instances): Promise<MortalCall> {
  const call = await world.dial();
  await greeted(call);
  await call.phone.sayWords('tell me more');
  await hears(call, 'lake');
  return call;
}
