import type { Failing } from '../../actors/check-health.ts';
import type { Trouble } from '../../actors/trouble.ts';
import type { Failure } from '../../failure.ts';
import type { Target } from '../../targets.ts';
import type { Known, RecoveryContext, Status } from './context.ts';
import type { RecoveryCommand } from './events.ts';
import type { Measure } from './measures.ts';
import { isCritical, nextTrouble } from './triage.ts';

/** What recovery knows after something happened; each gives what changes in its context. */
type Change = Partial<RecoveryContext>;
type StatusChanged = Extract<RecoveryCommand, { type: 'status.changed' }>;

const without = <Item extends { readonly target: Target }>(items: readonly Item[], target: Target): readonly Item[] =>
  items.filter((item) => item.target !== target);

const troubleOf = (target: Target, failure: Failure | undefined, since: number): Trouble => ({
  target,
  ...(failure && { failure }),
  since,
});

const has = (items: readonly { readonly target: Target }[], target: Target): boolean =>
  items.some((item) => item.target === target);

const known = (status: Status, failure: Failure | undefined, since: number): Known => ({
  status,
  ...(failure && { failure }),
  since,
});

/** Who is well again is waited for no longer; who cannot be used waits its turn, unless it is known already. */
export function withStatus(context: RecoveryContext, { target, status, failure, at }: StatusChanged): Change {
  const { queue, incidents, trouble } = context;
  const statuses = { ...context.statuses, [target]: known(status, failure, at) };
  if (status === 'healthy') return { statuses, queue: without(queue, target), incidents: without(incidents, target) };
  const isKnown = has(queue, target) || has(incidents, target) || trouble?.target === target;
  if (status === 'degraded' || isKnown) return { statuses };
  return { statuses, queue: [...queue, troubleOf(target, failure, at)] };
}

/** Each that failed waits its turn. */
export function withFailing({ statuses, queue }: RecoveryContext, failing: readonly Failing[], at: number): Change {
  const fresh = failing.filter(({ target }) => !has(queue, target));
  const sick = failing.map(({ target, failure }) => [target, known('unhealthy', failure, at)]);
  return {
    statuses: { ...statuses, ...Object.fromEntries(sick) },
    queue: [...queue, ...fresh.map(({ target, failure }) => troubleOf(target, failure, at))],
  };
}

/** What went well once, and yet is not well: it waits its turn again, unless there is an incident or a measure for its sake. */
export function withForgotten({ statuses, queue, incidents, measures }: RecoveryContext): Change {
  const isMinded = (target: Target) => [queue, incidents, measures].some((items) => has(items, target));
  const sick = Object.entries(statuses) as [Target, Known][];
  const forgotten = sick.filter(([target, { status }]) => status === 'unhealthy' && !isMinded(target));
  return { queue: [...queue, ...forgotten.map(([target, { failure, since }]) => troubleOf(target, failure, since))] };
}

export function withNext(context: RecoveryContext): Change {
  const trouble = nextTrouble(context);
  return trouble ? { trouble, attempts: 0, queue: without(context.queue, trouble.target) } : {};
}

/** It waits its turn again, behind all others. */
export const withoutTurn = ({ trouble, queue }: RecoveryContext): Change =>
  trouble ? { queue: [...without(queue, trouble.target), trouble] } : {};

export function withIncident(context: RecoveryContext): Change {
  const { trouble, incidents } = context;
  if (!trouble) return {};
  return { incidents: [...without(incidents, trouble.target), { ...trouble, critical: isCritical(trouble, context) }] };
}

/** What an admin had mended is no incident any more, and its measures are over; the first that still fails is looked after. */
export function withVerdict({ incidents, measures }: RecoveryContext, failing: readonly Failing[], at: number): Change {
  const mended = incidents.filter(({ target }) => !has(failing, target));
  const first = failing[0];
  return {
    incidents: incidents.filter(({ target }) => has(failing, target)),
    measures: measures.map((each) => (has(mended, each.target) ? { ...each, isOver: true } : each)),
    ...(first && { trouble: troubleOf(first.target, first.failure, at), attempts: 0 }),
  };
}

export function withMeasures({ measures }: RecoveryContext, taken: readonly Measure[]): Change {
  const isTaken = (each: Measure) => taken.some(({ kind, target }) => kind === each.kind && target === each.target);
  return { measures: [...measures.filter((each) => !isTaken(each)), ...taken] };
}

/** Without what is over, and what is for the sake of a target that is well, or that nobody watches here. */
export const withoutLiftable = ({ measures, statuses }: RecoveryContext): Change => ({
  measures: measures.filter(({ target, isOver }) => !isOver && (statuses[target]?.status ?? 'healthy') !== 'healthy'),
});
