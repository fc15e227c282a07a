import type { Clock } from '../clock.ts';
import { type Work, workOn } from './trouble.ts';

/** Nobody answers: refused, reset, unknown host, silence. */
export interface NetworkMending {
  /** Finds out whether names are resolved and the target's host takes connections: whether it is our network or theirs. */
  readonly check: Work;
  /** Drops the connections to the target (Redis, LiveKit, a vendor's pool), opens new ones, once, and probes it by them. */
  readonly reconnect: Work;
}

/** The actors of the path of the network. */
export const mendNetwork = ({ check, reconnect }: NetworkMending, clock: Clock) => ({
  checkNetwork: workOn(check, clock),
  reconnect: workOn(reconnect, clock),
});
