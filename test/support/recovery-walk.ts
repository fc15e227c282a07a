import type { AnyMachineSnapshot } from 'xstate';
import type { Failure } from '../../src/failure.ts';
import type { RecoveryContext, RecoveryInput } from '../../src/machines/recovery/context.ts';
import { calmPosture, type Posture } from '../../src/posture.ts';
import type { Target } from '../../src/targets.ts';
import { overloaded, refused, unreachable } from './recovery-harness.ts';
import type { Event } from './tour.ts';

interface World {
  readonly target: Target;
  /** What may be wrong with it. */
  readonly failure: Failure;
  /** Calls alone tell of it. */
  readonly inCalls?: true;
  /** Of another, which may have to wait. */
  readonly other?: Target;
  /** Whether somebody else may have led before, and may lead after. */
  readonly others?: boolean;
}

const input: RecoveryInput = { vital: ['livekit-room'], kinds: [] };
const vendors: RecoveryInput = { vital: [], kinds: [] };

/** One target on each path, and one beside another: more would only be more of the same. */
export const recoveryWalks: readonly (World & { readonly input: RecoveryInput })[] = [
  { input, target: 'livekit-sip', failure: overloaded, others: true },
  { input, target: 'livekit-room', failure: refused },
  { input, target: 'livekit-room', failure: overloaded },
  { input, target: 'redis', failure: unreachable, other: 'livekit-room' },
  { input, target: 'redis', failure: overloaded, other: 'livekit-room' },
  { input: vendors, target: 'openai', failure: refused, inCalls: true },
];

const isLeading = (state: AnyMachineSnapshot): boolean => state.matches({ lead: 'leading' });

const isLeadingBack = (state: AnyMachineSnapshot): boolean =>
  ['leadingBack', 'notLedBack'].some((standing) => state.matches({ standing }));

/** Elsewhere it is the same whether it leads. */
const mayChange = (state: AnyMachineSnapshot): boolean =>
  ['initializing', 'running', 'sip'].some((course) => state.matches({ course }));

const found: Posture = {
  ...calmPosture,
  version: 1,
  sipSet: 'backup',
  measures: [{ kind: 'backupSip', target: 'livekit-sip', isOver: false }],
};

const context = (state: AnyMachineSnapshot) => state.context as RecoveryContext;

/** Whatever may befall recovery. Of what is known of a target only news is told; the other one gets no better. */
export const recoveryEvents =
  ({ target, failure, inCalls, other, others }: World) =>
  (state: AnyMachineSnapshot): Event[] => {
    const { statuses } = context(state);
    const sick = { status: 'unhealthy', failure, ...(inCalls && { inCalls }) };
    const turned = statuses[target]?.status === 'unhealthy' ? { status: 'healthy' } : sick;
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
      ...(isLeading(state)
        ? [
            { type: 'lines.led_back', did: 'it' },
            { type: 'lines.not_led_back', failure },
            ...(others && mayChange(state) ? [{ type: 'lead.lost' }] : []),
            ...(isLeadingBack(state) ? [{ type: 'measure.taken' }] : []),
          ]
        : mayChange(state)
          ? [{ type: 'lead.taken', posture: calmPosture }, ...(others ? [{ type: 'lead.taken', posture: found }] : [])]
          : []),
    ].map((event) => ({ at: 0, ...event }));
  };

/** Lines are made again while something is mended: each of the two is walked where it is alone. */
const isBusyTwice = (state: AnyMachineSnapshot): boolean =>
  !state.matches({ course: 'running' }) && isLeadingBack(state);

/** It begins, or nothing is done and nothing was. */
const mayFollow = (state: AnyMachineSnapshot): boolean =>
  state.matches({ standing: 'normal' }) &&
  context(state).incidents.length === 0 &&
  ['checkingHealth', 'diagnosing', 'running'].some((course) => state.matches({ course }));

/** What is done about the other one is walked where it is alone; so is what is done by who has lost the lead. */
export const recoveryEnds =
  ({ other, others }: World) =>
  (state: AnyMachineSnapshot): boolean =>
    (other !== undefined && context(state).trouble?.target === other) ||
    (!isLeading(state) && !state.matches({ course: 'initializing' }) && !(others && mayFollow(state))) ||
    isBusyTwice(state);

const named = (items: readonly { readonly target: Target }[]) => items.map(({ target }) => target);

/** What guards of recovery read. */
export const recoveryFacts = (state: AnyMachineSnapshot): unknown => {
  const { statuses, trouble, attempts, returns, queue, incidents, measures } = context(state);
  return [
    Object.entries(statuses).map(([target, { status }]) => [target, status]),
    trouble && [trouble.target, trouble.failure?.class, trouble.unproved],
    attempts,
    returns,
    queue.map(({ target, failure, unproved }) => [target, failure?.class, unproved]),
    named(incidents),
    measures.map(({ kind, target, isOver }) => [kind, target, isOver]).toSorted(),
  ];
};
