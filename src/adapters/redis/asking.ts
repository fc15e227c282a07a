import type { Redis } from 'ioredis';
import { StoreUnavailable } from '../../runtime/call-store.ts';

/** Asks Redis; whatever goes wrong is `StoreUnavailable`, in words that hold no address and nothing that was to be stored. */
export type Asking = <T>(question: () => Promise<T>) => Promise<T>;

/** `mostPending`: questions that may wait for an answer; more are refused as `full`. */
export function createAsking(mostPending = 5_000): Asking {
  let pending = 0;
  return async (question) => {
    if (pending >= mostPending)
      throw new StoreUnavailable('full', `${mostPending} questions wait for Redis (REDIS_URL) already`);
    pending += 1;
    try {
      return await question();
    } catch (error) {
      throw unavailable(error);
    } finally {
      pending -= 1;
    }
  };
}

function unavailable(error: unknown): StoreUnavailable {
  if (error instanceof StoreUnavailable) return error;
  const said = error instanceof Error ? error.message : String(error);
  if (/\bOOM\b/.test(said)) return new StoreUnavailable('full', 'Redis (REDIS_URL) is full: it takes nothing more in');
  if (/READONLY|LOADING|MASTERDOWN|NOREPLICAS|MISCONF/.test(said))
    return new StoreUnavailable('away', `Redis (REDIS_URL) takes no writes now: ${/[A-Z]{6,}/.exec(said)?.[0] ?? ''}`);
  return awayFrom(said);
}

const awayFrom = (said: string): StoreUnavailable =>
  /ERR|WRONGTYPE|NOPERM|NOAUTH|WRONGPASS/.test(said)
    ? new StoreUnavailable(
        'broken',
        `Redis (REDIS_URL) refused what it was asked: ${/[A-Z]{3,}/.exec(said)?.[0] ?? ''}`,
      )
    : away();

const away = (): StoreUnavailable => new StoreUnavailable('away', 'Redis (REDIS_URL) does not answer');

/** Why nothing can be asked now, if so. */
export const troubleOf = (redis: Redis): StoreUnavailable | undefined =>
  redis.status === 'ready' ? undefined : away();
