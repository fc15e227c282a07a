import type { AnyMachineSnapshot } from 'xstate';
import type { Failure } from '../../src/failure.ts';
import type { RecoveryContext, RecoveryInput } from '../../src/machines/recovery/context.ts';
import { calmPosture } from '../../src/posture.ts';
import type { Target } from '../../src/targets.ts';
import { overloaded, refused, unreachable } from './recovery-harness.ts';
import type { Event } from './tour.ts';

interface World {
  readonly target: Target;
  /** What may be wrong with it. */
  readonly failure: Failure;
  /** Of another, which may have to wait. */
  readonly other?: Target;
  /** Whether somebody else may have taken a posture already. */
  readonly found?: boolean;
}

const input: RecoveryInput = { vital: ['livekit-room'], kinds: [] };

/** One target on each path, and one beside another: more would only be more of the same. */
export const recoveryWalks: readonly (World & { readonly input: RecoveryInput })[] = [
  { input, target: 'livekit-room', failure: refused },
  { input, target: 'livekit-room', failure: overloaded },
  { input, target: 'sip-gateway', failure: overloaded, found: true },
  { input, target: 'redis', failure: unreachable, other: 'livekit-room' },
  { input, target: 'redis', failure: overloaded, other: 'livekit-room' },
];

const context = (state: AnyMachineSnapshot) => state.context as RecoveryContext;

/** Whatever may befall recovery. Of what is known of a target only news is told; the other one gets no better. */
export const recoveryEvents =
  ({ target, failure, other, found }: World) =>
  (state: AnyMachineSnapshot): Event[] => {
    const { statuses, measures } = context(state);
    const turned = statuses[target]?.status === 'unhealthy' ? { status: 'healthy' } : { status: 'unhealthy', failure };
    return [
      { type: 'components.initialized' },
      { type: 'components.failed', failure },
      { type: 'health.checked', failing: [] },
      { type: 'health.checked', failing: [{ target, failure }] },
      { type: 'work.done', did: 'it' },
      { type: 'work.failed', failure },
      { type: 'admin.acknowledged' },
      { type: 'status.changed', target, ...turned },
      ...(other && !statuses[other] ? [{ type: 'status.changed', target: other, status: 'unhealthy', failure }] : []),
      ...(found && measures.length === 0
        ? [{ type: 'posture.found', posture: { ...calmPosture, sipSet: 'backup' } }]
        : []),
    ].map((event) => ({ at: 0, ...event }));
  };

/** What is done about the other one is walked where it is alone. */
export const recoveryEnds =
  ({ other }: World) =>
  (state: AnyMachineSnapshot): boolean =>
    other !== undefined && context(state).trouble?.target === other;

const named = (items: readonly { readonly target: Target }[]) => items.map(({ target }) => target);

/** What guards of recovery read. */
export const recoveryFacts = (state: AnyMachineSnapshot): unknown => {
  const { statuses, trouble, attempts, queue, incidents, measures } = context(state);
  return [
    Object.entries(statuses).map(([target, { status }]) => [target, status]),
    trouble && [trouble.target, trouble.failure?.class],
    attempts,
    queue.map(({ target, failure }) => [target, failure?.class]),
    named(incidents),
    measures.map(({ kind, target, isOver }) => [kind, target, isOver]),
  ];
};
