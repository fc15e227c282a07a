import type { Trouble } from '../../actors/trouble.ts';
import type { FailureClass } from '../../failure.ts';
import type { Target } from '../../targets.ts';
import type { RecoveryContext } from './context.ts';

const ofTelephones: ReadonlySet<Target> = new Set(['livekit-sip', 'sip-gateway', 'sip-worker']);

/**
 * Which of the four paths a trouble takes. A refused key is a refused key wherever it happens; whatever else is wrong with
 * telephones is mended by their configuration, unless LiveKit itself cannot be reached; what did not fail outright is an API
 * that is not as it should be.
 */
export function pathOf({ target, failure }: Trouble): FailureClass {
  if (failure?.class === 'auth') return 'auth';
  if (target === 'livekit-sip' && failure?.class === 'network') return 'network';
  return ofTelephones.has(target) ? 'sip' : (failure?.class ?? 'api');
}

type Needed = Pick<RecoveryContext, 'vital' | 'kinds' | 'statuses'>;

/** Without it no new call is served: it is vital, or with it the last vendor of its kind is gone. */
export function isCritical({ target }: Trouble, { vital, kinds, statuses }: Needed): boolean {
  const isGone = (other: Target) => other === target || statuses[other]?.status === 'unhealthy';
  return vital.includes(target) || kinds.some((kind) => kind.includes(target) && kind.every(isGone));
}

/** Something critical waits while this is not. */
export const isOutranked = (context: RecoveryContext): boolean =>
  context.trouble !== undefined &&
  !isCritical(context.trouble, context) &&
  context.queue.some((each) => isCritical(each, context));

/** What is critical first, then what came first. */
export const nextTrouble = (context: RecoveryContext): Trouble | undefined =>
  context.queue.find((trouble) => isCritical(trouble, context)) ?? context.queue[0];

/** The longest pause before attempt number `attempts` is repeated; half of it is left to chance, `random` from 0 to 1. */
export const backoffMs = (attempts: number, random: number): number =>
  Math.min(8000, 500 * 2 ** attempts) * (0.5 + random / 2);

/** In a row; all pauses together are 24 s at most. `urgent`: of a connection without which no call is taken. */
export const mostAttempts = { api: 3, network: 6, urgent: 2, returns: 4 } as const;
