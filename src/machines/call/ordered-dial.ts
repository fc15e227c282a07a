import type { DialOutcome } from '../../actors/dialer.ts';

/** A call out: whom to call, and what came of it once that is known. */
export interface Dial {
  /** E.164. */
  readonly to: string;
  readonly from?: string;
  readonly ringMs: number;
  /** What the agent was given for this call, as JSON. */
  readonly input?: string;
  /** When it was asked for, ms since 1970. */
  readonly orderedAt: number;
  readonly outcome?: DialOutcome;
  /** ms since 1970. */
  readonly answeredAt?: number;
}

/** Nobody is called because somebody wanted it long ago: the instance may have been away. */
const wantedMs = 300_000;
const tooLate: DialOutcome = { result: 'failed', message: 'not dialled: it was ordered too long ago' };

/** An order as its call begins: one that comes too late is over already. */
export const inTime = (dial: Dial, now: number): Dial =>
  dial.orderedAt + wantedMs < now ? { ...dial, outcome: tooLate } : dial;
