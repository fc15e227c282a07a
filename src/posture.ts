import type { Target } from './targets.ts';

/** What degraded mode may switch off, by name. */
export const limitableOperations = ['outbound', 'transfers', 'recording', 'egress', 'ingress'] as const;

export type LimitableOperation = (typeof limitableOperations)[number];

/** Vendors that a call may be told to try last. */
export type AvoidableVendor = 'deepgram' | 'openai' | 'groq' | 'cartesia';

/** One deviation from the calm posture, and for whose sake. */
export interface Measure {
  readonly kind: (typeof measureKinds)[number];
  readonly target: Target;
  /** No longer needed, though the target may not be well: to be withdrawn as soon as that is allowed. */
  readonly isOver: boolean;
}

export const measureKinds = ['fallbackHost', 'backupSip', 'avoided', 'limited', 'failsafe'] as const;

/** A posture stands for so long at least. */
export const leastPostureMs = 60_000;

/**
 * The standing decision of recovery, as plain JSON, the same for all instances. Calls read it when they open something and
 * never wait for it; what must be decided within a second the call decides itself.
 */
export interface Posture {
  /** Grows by one with each change. */
  readonly version: number;
  /** ms since 1970. A posture stands for at least 60 s. */
  readonly since: number;
  /** `failsafe`: new calls hear a stored greeting and are put through to a person. */
  readonly mode: 'normal' | 'degraded' | 'failsafe';
  /** Where API requests and new calls go; a call that runs stays where it is. */
  readonly livekitHost: 'primary' | 'fallback';
  readonly sipSet: 'primary' | 'backup';
  /** Vendors to be tried after the others of an agent's list. */
  readonly avoid: readonly AvoidableVendor[];
  /** What is refused meanwhile, with a reason that names this posture. */
  readonly limited: readonly LimitableOperation[];
  /** What all this follows from: whoever writes the next one goes on from here. */
  readonly measures: readonly Measure[];
}

export const calmPosture: Posture = {
  version: 0,
  since: 0,
  mode: 'normal',
  livekitHost: 'primary',
  sipSet: 'primary',
  avoid: [],
  limited: [],
  measures: [],
};
