import type { Clock } from '../../clock.ts';
import type { CallQueue, RunOptions } from '../../runtime/call-queue.ts';
import { createSingleFlight } from '../../runtime/single-flight.ts';
import { createAsking } from './asking.ts';
import { type CallJobs, createCallJobs } from './call-jobs.ts';
import { connected, createRedisClient, type RedisOptions } from './client.ts';
import { createLeases, type LeaseTimes, usualTimes } from './leases.ts';
import { runTaken, type TakenParts } from './taken-call.ts';

export interface RedisQueueOptions extends RedisOptions {
  /** Where claims are numbered. */
  readonly store: TakenParts['store'];
  readonly clock: Clock;
  /** Calls that may wait, for all processes; more are answered `full`. */
  readonly maxWaiting?: number;
  readonly times?: LeaseTimes;
}

/**
 * The queue of all processes that have this database of a Redis: a call whose owner dies waits again once its lock has run out.
 * `size` tells of calls that wait anywhere, as of half a second ago, and of those that run here. Rejects when the connection is lost while it begins.
 */
export async function openRedisQueue(options: RedisQueueOptions): Promise<CallQueue & { close(): Promise<void> }> {
  const { store, clock, maxWaiting = 1_000, times = usualTimes } = options;
  const redis = createRedisClient(options);
  const hearing = createRedisClient({ url: options.url });
  await Promise.all([connected(redis), connected(hearing)]);
  const ask = createAsking();
  const jobs = createCallJobs(redis, times.lockMs);
  const leave = () => [redis, hearing].forEach((each) => each.disconnect());
  if (redis.status === 'ready')
    await ask(jobs.begun).catch((error: unknown) => {
      leave();
      throw error;
    });
  const looks = new Set<() => void>();
  const lookAll = (): void => looks.forEach((look) => look());
  const leases = createLeases({ redis, jobs, clock, times, scanned: lookAll });
  let running = 0;

  const subscribe = (): void => void hearing.subscribe(leases.channel).then(lookAll, () => undefined);
  hearing.on('message', (_channel: string, from: string) => void (from === leases.by || lookAll()));
  hearing.on('ready', subscribe);
  if (hearing.status === 'ready') subscribe();
  function tellAll(): void {
    lookAll();
    redis.publish(leases.channel, leases.by).catch(() => undefined);
  }

  return {
    enqueue: (callKey) =>
      ask(async () => {
        if (await jobs.has(callKey)) return 'known';
        if ((await jobs.waiting()) >= maxWaiting) return 'full';
        await jobs.add(callKey);
        tellAll();
        return 'queued';
      }),
    async run(told, handler) {
      const end = taking({ jobs, clock, told, looks }, async (taken) => {
        running += 1;
        const outcome = await runTaken({ store, leases, clock }, taken, told, handler);
        running -= 1;
        if (outcome === 'waits') tellAll();
      });
      await end;
    },
    size: () => ({ ...leases.waiting(), running }),
    async close() {
      leases.close();
      await jobs.close();
      leave();
    },
  };
}

interface Taking {
  readonly jobs: Pick<CallJobs, 'take'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly told: Pick<RunOptions, 'capacity' | 'signal'>;
  /** Where whoever has calls to give asks for a look. */
  readonly looks: Set<() => void>;
}

type Taken = Parameters<typeof runTaken>[1];

/** Takes calls whenever there may be some, as many as fit, until the signal aborts; resolves when those it took are through. */
function taking({ jobs, clock, told, looks }: Taking, work: (taken: Taken) => Promise<void>): Promise<void> {
  const { capacity, signal } = told;
  const done = Promise.withResolvers<void>();
  let own = 0;
  const isFree = (): boolean => !signal.aborted && own < capacity;
  const flight = createSingleFlight(takeAll, () => Promise.resolve());

  async function takeAll(): Promise<boolean> {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    while (isFree()) if (!(await takeOne())) break;
    return true;
  }
  async function takeOne(): Promise<boolean> {
    const takenAt = clock.now();
    const call = await jobs.take().catch(() => undefined);
    if (!call) return false;
    if (!isFree()) await call.putBack().catch(() => undefined);
    else void runOne({ call, takenAt });
    return true;
  }
  async function runOne(taken: Taken): Promise<void> {
    own += 1;
    await work(taken);
    own -= 1;
    look();
  }
  async function finish(): Promise<void> {
    await flight.done();
    if (own === 0 && looks.delete(look)) done.resolve();
  }
  function look(): void {
    if (signal.aborted) void finish();
    else flight.ask();
  }
  looks.add(look);
  signal.addEventListener('abort', look, { once: true });
  look();
  return done.promise;
}
