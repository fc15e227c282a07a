import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Clock } from '../../clock.ts';
import type { CallJobs, TakenCall } from './call-jobs.ts';
import * as scripts from './lease-scripts.ts';
import { createScript } from './script.ts';

/** What one waits for, ms. */
export interface LeaseTimes {
  /** A call whose owner does not confirm it for so long is another's. */
  readonly lockMs: number;
  readonly renewMs: number;
  readonly scanMs: number;
  /** Nobody having scanned for so long, or a scan that failed, is an outage; then owners have so long to say what is theirs. */
  readonly outageMs: number;
  readonly graceMs: number;
}

/** Measured: who dies is followed within 2.6 s (p95). A connection to Redis is tried anew at least every 500 ms. */
export const usualTimes: LeaseTimes = { lockMs: 2_000, renewMs: 400, scanMs: 500, outageMs: 1_500, graceMs: 3_000 };

export interface Lease {
  /** When this process last began a renewal that was granted. */
  confirmedAt(): number;
  /** Renewed no more. */
  end(): void;
}

export interface Leases {
  /** Keeps the lock of a call. `lost` is told once, when it is another's. */
  keep(call: TakenCall, takenAt: number, lost: () => void): Lease;
  /** As of the last scan. */
  waiting(): { readonly waiting: number; readonly oldestAt?: number };
  readonly channel: string;
  readonly by: string;
  close(): void;
}

interface LeaseParts {
  readonly redis: Redis;
  readonly jobs: Pick<CallJobs, 'key'>;
  readonly clock: Clock;
  readonly times: LeaseTimes;
  /** Calls may have come to wait. */
  readonly scanned: () => void;
}

interface Kept {
  readonly token: string;
  confirmedAt: number;
  readonly lost: () => void;
}

/** Renews what this process runs, and finds what nobody runs. */
export function createLeases({ redis, jobs, clock, times, scanned }: LeaseParts): Leases {
  const renew = createScript(redis, scripts.renew);
  const scan = createScript(redis, scripts.scan);
  const channel = `voicechart:queue:${redis.options.db ?? 0}`;
  const by = randomBytes(6).toString('base64url');
  const kept = new Map<string, Kept>();
  let standing: { readonly waiting: number; readonly oldestAt?: number } = { waiting: 0 };
  let isCutOff = false;

  async function renewAll(): Promise<void> {
    const asked = [...kept];
    if (asked.length === 0) return;
    const askedAt = clock.now();
    const owned = asked.flatMap(([id, { token }]) => [id, token]);
    const answer = await renew([jobs.key('active'), jobs.key('wait')], [jobs.key(''), times.lockMs, ...owned]);
    const lost = new Set(answer as string[]);
    for (const [id, lease] of asked) {
      if (kept.get(id) !== lease) continue;
      if (!lost.has(id)) lease.confirmedAt = askedAt;
      else if (kept.delete(id)) lease.lost();
    }
  }
  async function scanAll(): Promise<void> {
    const keys = [jobs.key('active'), jobs.key('wait'), jobs.key('marker'), jobs.key('watch')];
    const { scanMs, outageMs, graceMs } = times;
    const values = [jobs.key(''), scanMs, outageMs, graceMs, isCutOff ? 1 : 0, channel, by];
    const [waiting, since] = (await scan(keys, values)) as [number, string, number];
    isCutOff = false;
    standing = { waiting, ...(waiting > 0 && since !== '' && { oldestAt: Number(since) }) };
    scanned();
  }
  const cutOff = (): void => void (isCutOff = true);
  const ends = [repeating(clock, times.renewMs, renewAll, cutOff), repeating(clock, times.scanMs, scanAll, cutOff)];
  // What is ours is said before anybody may conclude that we are gone.
  const back = (): void => void renewAll().catch(cutOff);
  redis.on('ready', back);
  redis.on('close', cutOff);

  return {
    channel,
    by,
    keep({ id, token }, takenAt, lost) {
      const lease: Kept = { token, confirmedAt: takenAt, lost };
      kept.set(id, lease);
      return {
        confirmedAt: () => lease.confirmedAt,
        end: () => void (kept.get(id) === lease && kept.delete(id)),
      };
    },
    waiting: () => standing,
    close() {
      ends.forEach((end) => end());
      redis.off('ready', back);
      redis.off('close', cutOff);
    },
  };
}

/** Does it again so long after it was done, or could not be. Returns the end of it. */
function repeating(clock: Clock, everyMs: number, work: () => Promise<void>, failed: () => void): () => void {
  let timer: unknown;
  let isOver = false;
  const again = async (): Promise<void> => {
    await work().catch(failed);
    if (!isOver) timer = clock.setTimeout(() => void again(), everyMs);
  };
  timer = clock.setTimeout(() => void again(), 0);
  return () => {
    isOver = true;
    clock.clearTimeout(timer);
  };
}
