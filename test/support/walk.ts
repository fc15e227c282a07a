import { type AnyActorRef, type AnyMachineSnapshot, type AnyStateMachine, createActor } from 'xstate';
import { getAdjacencyMap } from 'xstate/graph';
import { pathOf } from './state-nodes.ts';
import { type Edge, type Event, nearest, placesOf } from './tour.ts';
import { nameOfTransition } from './transitions.ts';
import { createVirtualClock } from './virtual-clock.ts';

export interface Walk {
  /** Its actors do nothing, but break when they are sent `test.break`. */
  readonly machine: AnyStateMachine;
  readonly input: unknown;
  /** What may happen in a state, besides its own timers and the breaking of its own actors. Of one type always as many. */
  readonly events: (state: AnyMachineSnapshot) => readonly Event[];
  /** Where actors break and the cap on the whole call is reached; everywhere by default. */
  readonly breaks?: (state: AnyMachineSnapshot) => boolean;
  /** What tells states apart besides where they are: what guards read. */
  readonly facts?: (state: AnyMachineSnapshot) => unknown;
}

export interface Walked {
  readonly states: number;
  readonly edges: number;
  /** Transitions of the machine that were taken by a live actor. */
  readonly taken: ReadonlySet<string>;
  /** What a live actor did otherwise than the graph. */
  readonly wrong: readonly string[];
}

/** Finds every state by events, timers and breaking actors, then takes every edge on a live actor. */
export function walked(walk: Walk): Walked {
  const graph = explored(walk);
  const taken = new Set<string>();
  const { missed } = toured(walk, graph, taken);
  const wrong = missed.flatMap((edge) => drivenWrong(walk, graph, edge, taken));
  const edges = [...graph.edges.values()].reduce((sum, list) => sum + list.length, 0);
  return { states: graph.edges.size, edges, taken, wrong };
}

interface Graph {
  readonly first: string;
  readonly edges: ReadonlyMap<string, readonly Edge[]>;
  /** The edge by which a state was found. */
  readonly wayTo: ReadonlyMap<string, Edge>;
}

const keys = new WeakMap<AnyMachineSnapshot, string>();

function keyOf(walk: Walk, state: AnyMachineSnapshot): string {
  const known = keys.get(state);
  if (known) return known;
  const key = `${leavesOf(state)} ${JSON.stringify(walk.facts?.(state) ?? '')}`;
  keys.set(state, key);
  return key;
}

function explored(walk: Walk): Graph {
  const found = getAdjacencyMap(walk.machine, {
    input: walk.input,
    events: (state) => happenings(walk, state).map(({ event }) => event) as never,
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
  return { first: [...edges.keys()][0]!, edges, wayTo };
}

/** A long life makes a long history, and a slow walk. */
const mostSteps = 200;

/** Goes from edge to edge on one live actor after the other. `missed`: where the actor stood otherwise than the graph has it. */
function toured(walk: Walk, graph: Graph, taken: Set<string>): { readonly missed: Edge[] } {
  const places = placesOf(graph.edges);
  const first = places.get(graph.first)!;
  const missed: Edge[] = [];
  let live = begun(walk, taken);
  let steps = 0;
  const restart = () => {
    live.stop();
    live = begun(walk, taken);
    return first;
  };
  const done = (edge: Edge) => {
    const { left } = places.get(edge.from)!;
    return left.includes(edge) && left.splice(left.indexOf(edge), 1).length > 0;
  };
  for (let at = first; ;) {
    if (++steps % mostSteps === 0) at = restart();
    const path = nearest(at) ?? nearest(restart());
    if (!path) break;
    const lost = path.find((edge) => !takes(walk, live, edge) || (done(edge), false));
    at = lost ? restart() : places.get(path.at(-1)!.to)!;
    for (const edge of lost ? [lost, path.at(-1)!] : []) if (done(edge)) missed.push(edge);
  }
  live.stop();
  return { missed };
}

/** Whether a live actor stands at the edge's beginning, takes it and comes to its end. */
function takes(walk: Walk, live: Live, edge: Edge): boolean {
  const event = happenings(walk, live.state()).find(({ name }) => name === edge.name)?.event;
  if (!event || keyOf(walk, live.state()) !== edge.from) return false;
  if (edge.from === edge.to && !live.state().can(event as never)) return false;
  return live.occur(event) && live.error() === undefined && keyOf(walk, live.state()) === edge.to;
}

function wayBack(cameBy: ReadonlyMap<string, Edge>, key: string): Edge[] {
  const path: Edge[] = [];
  for (let edge = cameBy.get(key); edge; edge = cameBy.get(edge.from)) path.unshift(edge);
  return path;
}

/** Takes one edge by the very way on which the graph found it. A timer that has fired on this way cannot fire again. */
function drivenWrong(walk: Walk, graph: Graph, edge: Edge, taken: Set<string>): string[] {
  const live = begun(walk, taken);
  const way = wayBack(graph.wayTo, edge.from);
  const unable = [...way, edge].filter((step) => !live.occur(step.event));
  if (unable.length === 1 && unable[0] === edge && way.some(({ name }) => name === edge.name)) {
    live.stop();
    return [];
  }
  const end = keyOf(walk, live.state());
  const error = live.error();
  live.stop();
  return error === undefined && end === edge.to
    ? []
    : [`${edge.from} + ${edge.name}: ${String(error ?? end)}, not ${edge.to}`];
}

type Live = ReturnType<typeof begun>;

function begun({ machine, input }: Walk, taken: Set<string>) {
  let error: unknown;
  const actor = createActor(machine, {
    input,
    clock: createVirtualClock(),
    inspect: (seen) => {
      if (seen.type === '@xstate.microstep' && seen.rootId === (seen.actorRef as AnyActorRef).sessionId)
        // oxlint-disable-next-line no-underscore-dangle -- XState's public name
        for (const each of seen._transitions) taken.add(nameOfTransition(each as never));
    },
  });
  actor.subscribe({ error: (thrown) => (error = thrown) });
  actor.start();
  return {
    state: () => actor.getSnapshot() as AnyMachineSnapshot,
    occur: (event: Event) => occur(actor, event),
    error: () => error,
    stop: () => void actor.stop(),
  };
}

/** False when it could not happen after all: no such timer waits. */
function occur(actor: AnyActorRef, event: Event): boolean {
  if (event.type.startsWith('xstate.after.')) return fire(actor, event);
  const target = event.type.startsWith('xstate.error.actor.') ? childOf(actor, event) : actor;
  target?.send(target === actor ? event : { type: 'test.break' });
  return target !== undefined;
}

const childOf = (actor: AnyActorRef, { actorId }: Event): AnyActorRef | undefined =>
  (actor.getSnapshot() as AnyMachineSnapshot).children[String(actorId)];

/** Fires a timer that really waits. */
function fire(actor: AnyActorRef, event: Event): boolean {
  const pending = Object.values(actor.system.getSnapshot()._scheduledEvents).find(
    (each) => each.source === actor && each.event.type === event.type,
  );
  if (!pending) return false;
  actor.system.scheduler.cancel(actor, pending.id);
  actor.send(pending.event);
  return true;
}

const leavesOf = (state: AnyMachineSnapshot): string =>
  state._nodes
    .filter(({ type }) => type === 'atomic' || type === 'final')
    .map(pathOf)
    .toSorted()
    .join(' | ');

/** What can happen in a state, each under a name that does not change with the context. */
function happenings(walk: Walk, state: AnyMachineSnapshot): { readonly name: string; readonly event: Event }[] {
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
