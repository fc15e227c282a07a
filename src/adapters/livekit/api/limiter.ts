import type { Clock } from '../../../clock.ts';

export interface LimiterOptions {
  /** Requests per second over time, and as many at once after a rest. */
  readonly perSecond: number;
  /** Who would have to wait longer is refused at once: the bound of the queue. Default 5 s. */
  readonly longestWaitMs?: number;
  readonly clock: Clock;
}

export interface Limiter {
  /** Resolves in turn, first come first served: with nothing, or with the wait it would have taken when that is too long. */
  take(): Promise<number | undefined>;
}

/** A token bucket, told by the time at which the next token is due. */
export function createLimiter({ perSecond, longestWaitMs = 5000, clock }: LimiterOptions): Limiter {
  const everyMs = 1000 / perSecond;
  const burstMs = 1000 - everyMs;
  let nextAt = Number.NEGATIVE_INFINITY;

  return {
    async take() {
      const dueAt = Math.max(nextAt, clock.now() - burstMs);
      const waitMs = dueAt - clock.now();
      if (waitMs > longestWaitMs) return Math.ceil(waitMs);
      nextAt = dueAt + everyMs;
      if (waitMs > 0) await new Promise<void>((resolve) => void clock.setTimeout(resolve, Math.ceil(waitMs)));
      return undefined;
    },
  };
}
