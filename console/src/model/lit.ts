import type { ChartIndex } from './plates.ts';
import type { MachineNow, Timer } from './machine-now.ts';

/** What of a chart is lit: active states with all above them, those just entered, and what may happen next. */
export interface Lit {
  readonly on: ReadonlySet<string>;
  readonly entered: ReadonlySet<string>;
  readonly left: ReadonlySet<string>;
}

export function litOf(index: ChartIndex, now: MachineNow | undefined): Lit {
  const on = withParents(index, now?.active ?? []);
  const before = withParents(index, now?.before ?? []);
  return { on, entered: without(on, before), left: without(before, on) };
}

const without = (all: ReadonlySet<string>, some: ReadonlySet<string>): Set<string> =>
  new Set([...all].filter((id) => !some.has(id)));

const withParents = (index: ChartIndex, ids: readonly string[]): Set<string> =>
  new Set(ids.flatMap((id) => index.pathOf(id)));

/** Whether an actor of this name runs while these states are active. */
export const runs = (index: ChartIndex, lit: Lit, actor: string): boolean =>
  [...lit.on].some((id) => index.byId.get(id)?.invokes.includes(actor));

export interface NextStep {
  /** Of the edge: an event, or `after` with the delay's name. */
  readonly label: string;
  /** When it is due, if it is a matter of time. */
  readonly dueAt?: number;
}

/** What would move this region on from where it is, of the innermost state first. */
export function nextPossible(
  index: ChartIndex,
  now: MachineNow | undefined,
  region: string | undefined,
  most: number,
): NextStep[] {
  const paths = (now?.active ?? []).map(index.pathOf).filter((path) => region !== undefined && path.includes(region));
  const states = paths.flatMap((path) => path.toReversed());
  const labels = states.flatMap((id) =>
    index.chart.edges.filter(({ from, label }) => from === id && label !== '' && label !== 'error'),
  );
  return labels
    .filter(({ label }, place) => labels.findIndex((other) => other.label === label) === place)
    .slice(0, most)
    .map(({ label, from }) => ({ label, ...dueAtOf(now?.timers ?? [], label, from) }));
}

function dueAtOf(timers: readonly Timer[], label: string, from: string): { readonly dueAt?: number } {
  const timer = timers.find(({ name, state }) => state === from && label === `after ${name}`);
  return timer ? { dueAt: timer.dueAt } : {};
}

/** The active atomic states as paths below their regions, such as `talking › replying › speaking`. */
export const activePaths = (index: ChartIndex, now: MachineNow | undefined): string[] =>
  (now?.active ?? []).map((id) =>
    index
      .pathOf(id)
      .map((each) => index.byId.get(each)?.key ?? each)
      .join(' › '),
  );
