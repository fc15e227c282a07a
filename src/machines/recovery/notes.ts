import type { Failing } from '../../actors/check-health.ts';
import type { Trouble } from '../../actors/trouble.ts';
import type { Failure } from '../../failure.ts';
import type { Target } from '../../targets.ts';
import type { Known, RecoveryContext, Status } from './context.ts';
import type { RecoveryCommand } from './events.ts';
import type { Measure } from '../../posture.ts';
import { isCritical, nextTrouble, pathOf } from './triage.ts';

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
export function withStatus(context: RecoveryContext, { target, status, failure, inCalls, at }: StatusChanged): Change {
  const { queue, incidents, trouble } = context;
  const statuses = { ...context.statuses, [target]: known(status, failure, at) };
  if (status === 'healthy') return { statuses, queue: without(queue, target), incidents: without(incidents, target) };
  const isKnown = has(queue, target) || has(incidents, target) || trouble?.target === target;
  if (status === 'degraded' || isKnown) return { statuses };
  return { statuses, queue: [...queue, { ...troubleOf(target, failure, at), ...(inCalls && { unproved: true }) }] };
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
export function withForgotten(context: RecoveryContext): Change {
  return { queue: [...context.queue, ...unminded(context).map((each) => ({ ...each, unproved: true as const }))] };
}

/** Lines that were for another instance to mend, which led until now. */
export const withLines = (context: RecoveryContext): Change => ({
  queue: [...context.queue, ...unminded(context).filter((each) => pathOf(each) === 'sip')],
});

/** Who cannot be used, and nothing is done for: no turn is waited for, no incident is open and no measure taken. */
function unminded({ statuses, trouble, queue, incidents, measures }: RecoveryContext): readonly Trouble[] {
  const minded = [queue, incidents, measures, trouble ? [trouble] : []];
  const sick = Object.entries(statuses) as [Target, Known][];
  return sick
    .filter(([target, { status }]) => status === 'unhealthy' && !minded.some((items) => has(items, target)))
    .map(([target, { failure, since }]) => troubleOf(target, failure, since));
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

/** It is over, or its target is well, or nobody watches that here. */
const isLiftable = ({ target, isOver }: Measure, { statuses }: RecoveryContext): boolean =>
  isOver || (statuses[target]?.status ?? 'healthy') === 'healthy';

/** That the backup set stands is withdrawn when it no longer does, not before. */
export function withoutLiftable(context: RecoveryContext): Change {
  const needed = context.measures.filter((each) => !isLiftable(each, context));
  const isLast = ({ kind }: Measure) => kind === 'backupSip' && !needed.some((each) => each.kind === kind);
  return { measures: context.measures.filter((each) => needed.includes(each) || isLast(each)) };
}

/** The backup set stands, and nobody needs it. */
export const isBackupOver = (context: RecoveryContext): boolean => {
  const backups = context.measures.filter(({ kind }) => kind === 'backupSip');
  return backups.length > 0 && backups.every((each) => isLiftable(each, context));
};

export const withoutBackup = ({ measures }: RecoveryContext): Change => ({
  measures: measures.filter(({ kind }) => kind !== 'backupSip'),
});

/** What is taken for the sake of its trouble, and of this kind, is needed no longer. */
export const withOver = ({ measures, trouble }: RecoveryContext, kind: Measure['kind']): Change => ({
  measures: measures.map((each) =>
    each.kind === kind && each.target === trouble?.target ? { ...each, isOver: true } : each,
  ),
});

const lines: Target = 'livekit-sip';

export const withLinesIncident = ({ incidents }: RecoveryContext, failure: Failure, since: number): Change => ({
  incidents: [...without(incidents, lines), { ...troubleOf(lines, failure, since), critical: false }],
});

/** Lines that are as they should be are an incident only where they do not work. */
export const withoutLinesIncident = ({ incidents, statuses }: RecoveryContext): Change =>
  statuses[lines]?.status === 'unhealthy' ? {} : { incidents: without(incidents, lines) };
