import type { AnyMachineSnapshot, AnyStateMachine } from 'xstate';
import { getAdjacencyMap } from 'xstate/graph';
import { pathOf } from './state-nodes.ts';
import type { Edge, Event } from './tour.ts';
import type { Host } from './walk-life.ts';

export interface Walk {
  /** Its actors are inert. */
  readonly machine: AnyStateMachine;
  readonly input?: unknown;
  readonly host: Host;
  /** What may happen in a state, besides its own timers and the breaking of its own actors. Of one type always as many. */
  readonly events: (state: AnyMachineSnapshot) => readonly Event[];
  /** Where actors break and the cap on the whole call is reached; everywhere by default. */
  readonly breaks?: (state: AnyMachineSnapshot) => boolean;
  /** Where nothing more happens, or what does is walked elsewhere; nowhere by default. */
  readonly ends?: (state: AnyMachineSnapshot) => boolean;
  /** What tells states apart besides where they are: what guards read. */
  readonly facts?: (state: AnyMachineSnapshot) => unknown;
}

export interface Graph {
  readonly first: string;
  readonly edges: ReadonlyMap<string, readonly Edge[]>;
  /** The edge by which a state was found. */
  readonly wayTo: ReadonlyMap<string, Edge>;
  /** Types of events that the walk knows of. */
  readonly offered: ReadonlySet<string>;
}

const keys = new WeakMap<AnyMachineSnapshot, string>();

export function keyOf(walk: Walk, state: AnyMachineSnapshot): string {
  const known = keys.get(state);
  if (known) return known;
  const key = `${leavesOf(state)} ${JSON.stringify(walk.facts?.(state) ?? '')}`;
  keys.set(state, key);
  return key;
}

/** Finds every state of a machine, by events, timers and breaking actors, and what leads where. */
export function explored(walk: Walk): Graph {
  const offered = new Set<string>();
  const found = getAdjacencyMap(walk.machine, {
    input: walk.input,
    events: (state) => happenings(walk, state).map(({ event }) => (offered.add(event.type), event)) as never,
    filterEvents: (state, event) => state.can(event as never),
    serializeState: (state) => keyOf(walk, state) as never,
    limit: 200_000,
  }) as Record<
    string,
    { state: AnyMachineSnapshot; transitions: Record<string, { event: Event; state: AnyMachineSnapshot }> }
  >;
  const edges = new Map<string, Edge[]>();
  const wayTo = new Map<string, Edge>();
  const seen = new Set(Object.keys(found).slice(0, 1));
  for (const [from, { state, transitions }] of Object.entries(found)) {
    const names = new Map(happenings(walk, state).map(({ name, event }) => [JSON.stringify(event), name]));
    const list = Object.values(transitions).map(({ event, state: next }) => {
      const edge = { name: names.get(JSON.stringify(event)) ?? event.type, from, event, to: keyOf(walk, next) };
      if (!seen.has(edge.to) && found[edge.to]?.state === next) wayTo.set(edge.to, edge);
      if (found[edge.to]?.state === next) seen.add(edge.to);
      return edge;
    });
    edges.set(from, list);
  }
  return { first: [...edges.keys()][0]!, edges, wayTo, offered };
}

const leavesOf = (state: AnyMachineSnapshot): string =>
  state._nodes
    .filter(({ type }) => type === 'atomic' || type === 'final')
    .map(pathOf)
    .toSorted()
    .join(' | ');

/** What can happen in a state, each under a name that does not change with the context. To a machine that is over nothing does. */
export function happenings(
  walk: Walk,
  state: AnyMachineSnapshot,
): readonly { readonly name: string; readonly event: Event }[] {
  if (state.status !== 'active' || walk.ends?.(state)) return [];
  const counts = new Map<string, number>();
  const timers = timersIn(state);
  const usual = timers.filter(({ type }) => !type.startsWith('xstate.after.maxCall.'));
  const own = walk.breaks?.(state) === false ? usual : [...timers, ...breaksIn(state)];
  return [...walk.events(state), ...own].map((event) => {
    const count = (counts.get(event.type) ?? 0) + 1;
    counts.set(event.type, count);
    return { name: `${event.type} ${count}`, event };
  });
}

const timersIn = (state: AnyMachineSnapshot): Event[] =>
  state._nodes.flatMap((node) => [...new Set(node.after.map(({ eventType }) => eventType))].map((type) => ({ type })));

const breaksIn = (state: AnyMachineSnapshot): Event[] =>
  state._nodes.flatMap((node) => node.invoke.map(({ id }) => ({ type: `xstate.error.actor.${id}`, actorId: id })));
