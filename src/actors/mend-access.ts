import type { Clock } from '../clock.ts';
import { type Work, workOn } from './trouble.ts';

/** A key or token was refused (401, 403). */
export interface AccessMending {
  /**
   * Gets a fresh credential for the target: reads the keys anew where they come from, takes the next pair of the ring when LiveKit
   * no longer knows the one in use, and signs a new token. Fails when there is none but the one that was refused. A key is
   * named by the hash of its id alone.
   */
  readonly refreshToken: Work;
  /** Does again what was refused, with the fresh credential: the target's probe, which starts and costs nothing. */
  readonly retry: Work;
}

/** The actors of the path of authentication. */
export const mendAccess = ({ refreshToken, retry }: AccessMending, clock: Clock) => ({
  refreshToken: workOn(refreshToken, clock),
  retryAccess: workOn(retry, clock),
});
