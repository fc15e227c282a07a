import type { Failure } from '../failure.ts';
import type { Target } from '../targets.ts';

/** Connections that are kept open to something. */
export interface Connections {
  readonly to: readonly Target[];
  /** What they are, such as `sockets to LiveKit's API`. */
  readonly what: string;
  /** Lets go of those that may be stale, opens others, and gives what was wrong with these. Never rejects. */
  renew(): Promise<Failure | undefined>;
}
