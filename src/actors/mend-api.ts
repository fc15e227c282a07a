import type { Clock } from '../clock.ts';
import { type Work, workOn } from './trouble.ts';

/** An API answers, but not as it should: 429, 5xx, quota, garbage, too slowly. */
export interface ApiMending {
  /** Finds out whether the target answers at all, and what it says of itself. That it says it is down is a failure. */
  readonly checkStatus: Work;
  /** Does again what failed, once: the target's probe. The machine waits between attempts, with backoff and jitter. */
  readonly retry: Work;
  /**
   * Finds out whether the other way works: LiveKit's fallback host, or another vendor of the same kind, by its probe. Done means
   * that it may be used from now on; it is the posture that says so, nothing is changed here. Fails when there is no other
   * way, or it does not work either.
   */
  readonly useFallback: Work;
}

/** The actors of the path of an API. */
export const mendApi = ({ checkStatus, retry, useFallback }: ApiMending, clock: Clock) => ({
  checkStatus: workOn(checkStatus, clock),
  retryApi: workOn(retry, clock),
  useFallbackApi: workOn(useFallback, clock),
});
