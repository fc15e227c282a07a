import { randomBytes } from 'node:crypto';
import type { Kept } from '../../actors/keep.ts';
import type { Clock } from '../../clock.ts';
import type { Alone } from '../../runtime/alone.ts';
import { notPassedOn } from '../../runtime/control-error.ts';
import { createKeeper } from '../../runtime/keeper.ts';
import { connected, createRedisClient, type RedisOptions, type Renewable, renewed } from './client.ts';

/** Longer than any request that is made meanwhile may take; who dies holds the others up for so long. */
const leaseMs = 25_000;
const patienceMs = 5_000;
const lookEveryMs = 25;

/** Lets go of what is still ours. */
const release = `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0`;

/** Takes it, or keeps it for longer. */
const lead = `
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`;

/** One at a time among all instances that have this Redis. */
export async function openRedisAlone({
  clock,
  ...options
}: RedisOptions & { readonly clock: Clock }): Promise<Alone & Renewable> {
  const redis = createRedisClient(options);
  await connected(redis);
  const own = randomBytes(16).toString('base64url');

  /** Looks again and again whether it is free, for as long as it has patience. */
  async function taken(key: string, mark: string): Promise<boolean> {
    const untilMs = clock.now() + patienceMs;
    const take = async (): Promise<Kept> => {
      if (clock.now() >= untilMs) return 'over';
      // Where the others cannot be asked there is nobody to wait for.
      const answer = await redis.set(key, mark, 'PX', leaseMs, 'NX').catch(() => 'unreachable');
      return answer === null ? 'failed' : 'kept';
    };
    const keeper = createKeeper({ write: take, clock, spacedMs: 0, retryMs: [lookEveryMs] });
    keeper.ask();
    const isTaken = await keeper.kept();
    keeper.stop();
    return isTaken;
  }

  async function held<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    const [key, mark] = [`voicechart:alone:${name}`, randomBytes(16).toString('base64url')];
    if (!(await taken(key, mark))) throw notPassedOn('limit', `another instance has been making ${name} for a while`);
    try {
      return await work();
    } finally {
      await redis.eval(release, 1, key, mark).catch(() => undefined);
    }
  }
  // A connection that is cut while somebody uses it would let two work at a time, or leave behind what it could not let go of.
  const holding = new Set<Promise<unknown>>();
  let renewing = Promise.resolve();

  return {
    hold(name, work) {
      const mine = renewing.then(() => held(name, work));
      holding.add(mine);
      return mine.finally(() => void holding.delete(mine));
    },
    renew() {
      renewing = Promise.allSettled([renewing, ...holding]).then(() => renewed(redis));
      return renewing;
    },
    leads: async (name, forMs) =>
      (await redis.eval(lead, 1, `voicechart:lead:${name}`, own, forMs).catch(() => 1)) === 1,
    close: async () => redis.disconnect(),
  };
}
