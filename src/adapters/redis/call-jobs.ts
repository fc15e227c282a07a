import { randomBytes } from 'node:crypto';
import { type Job, Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { named } from './keys.ts';

/** A call that was taken to be run: locked by its token until it is done, put back, or not renewed. */
export interface TakenCall {
  readonly id: string;
  readonly callKey: string;
  readonly token: string;
  /** Nobody need run it any more. */
  done(): Promise<void>;
  /** It waits for its next owner. */
  putBack(): Promise<void>;
}

/** One BullMQ job per call. Its locks are renewed, and its dead owners found, by `createLeases`: BullMQ itself would do so right after an outage. */
export interface CallJobs {
  /** Resolves when calls can be taken. Rejects when the connection was lost meanwhile: BullMQ does not begin again. */
  begun(): Promise<void>;
  /** Idempotent. */
  add(callKey: string): Promise<void>;
  has(callKey: string): Promise<boolean>;
  waiting(): Promise<number>;
  take(): Promise<TakenCall | undefined>;
  /** Names of the keys that BullMQ uses. */
  key(what: string): string;
  close(): Promise<void>;
}

const name = 'calls';
const prefix = 'voicechart:queue';
const keptEvents = 100;

interface CallData {
  readonly callKey: string;
}

export function createCallJobs(redis: Redis, lockMs: number): CallJobs {
  const queue = new Queue<CallData>(name, {
    connection: redis,
    prefix,
    streams: { events: { maxLen: keptEvents } },
    defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
  });
  const worker = new Worker<CallData>(name, null, {
    connection: redis,
    prefix,
    lockDuration: lockMs,
    autorun: false,
    skipLockRenewal: true,
    skipStalledCheck: true,
  });
  // Whoever asks is told; the connection itself tells of its troubles.
  queue.on('error', () => undefined);
  worker.on('error', () => undefined);
  const key = (what: string): string => `${prefix}:${name}:${what}`;

  return {
    begun: async () => void (await Promise.all([queue.waitUntilReady(), worker.waitUntilReady()])),
    key,
    add: async (callKey) => void (await queue.add('call', { callKey }, { jobId: named(callKey) })),
    has: async (callKey) => (await redis.exists(key(named(callKey)))) === 1,
    waiting: () => redis.llen(key('wait')),
    async take() {
      const token = randomBytes(12).toString('base64url');
      const job = await worker.getNextJob(token, { block: false });
      return job && taken(job, token);
    },
    async close() {
      await Promise.allSettled([worker.close(true), queue.close()]);
    },
  };
}

const taken = (job: Job<CallData>, token: string): TakenCall => ({
  id: job.id ?? '',
  callKey: job.data.callKey,
  token,
  done: async () => void (await job.moveToCompleted('', token, false)),
  putBack: async () => void (await job.moveToWait(token)),
});
