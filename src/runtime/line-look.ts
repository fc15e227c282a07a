/** What a connection is worth, by LiveKit's own judgement. */
export const connectionQualities = ['excellent', 'good', 'poor', 'lost'] as const;

export type ConnectionQuality = (typeof connectionQualities)[number];

/** How one way of a line did since the last look. */
export interface WayLook {
  /** Of the packets that were due, 0 to 1. Left out when none were. */
  readonly lossRatio?: number;
  readonly jitterMs?: number;
  readonly roundTripMs?: number;
}

/** How a line is, looked at now and then beside its call: never through the call's machine, never in its log. */
export interface Look {
  /** Time since the last look. */
  readonly sinceMs: number;
  /** From the caller to us. */
  readonly incoming?: WayLook;
  /** From us towards the caller, as LiveKit reports it. */
  readonly outgoing?: WayLook;
  readonly quality: Readonly<Partial<Record<'agent' | 'caller', ConnectionQuality>>>;
  /** Loudest of what was sent right now, dBFS; left out when nothing is said. */
  readonly agentDb?: number;
  /** For how long frames of the caller have been nothing but zeros: his way to us may be dead though both links are up. */
  readonly deadAirMs?: number;
}

/** … and whose line it is. */
export interface LineLook extends Look {
  readonly callKey: string;
}
