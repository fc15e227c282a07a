import { type Edge, nearest, placesOf } from './tour.ts';
import { explored, type Graph, happenings, keyOf, type Walk } from './walk.ts';
import { beginLife, type Life } from './walk-life.ts';

export interface Walked {
  readonly states: number;
  readonly edges: number;
  /** Edges of the graph that no life can take: their timer has fired on every way there. */
  readonly untimely: number;
  /** Transitions of the machine that were taken under its host. */
  readonly taken: ReadonlySet<string>;
  /** Types of events that the walk knows of. */
  readonly offered: ReadonlySet<string>;
  /** What a machine did under its host otherwise than the graph, and what its host did wrong. */
  readonly wrong: readonly string[];
}

/** A long life makes a long history, and a slow walk. */
const mostSteps = 200;

/** Finds every state, then takes every edge on machines under their host, one life after the other. */
export async function walked(walk: Walk): Promise<Walked> {
  const graph = explored(walk);
  const taken = new Set<string>();
  const begin = () => beginLife(walk.machine, walk.host, (name) => void taken.add(name));
  const { missed, wrong } = await toured(walk, graph, begin);
  let untimely = 0;
  for (const edge of missed) {
    // oxlint-disable-next-line no-await-in-loop -- one life after the other
    const end = await lived(walk, graph, edge, begin);
    if (end === 'untimely') untimely += 1;
    else if (end !== 'taken') wrong.push(end);
  }
  const edges = [...graph.edges.values()].reduce((sum, list) => sum + list.length, 0);
  return { states: graph.edges.size, edges, untimely, taken, offered: graph.offered, wrong };
}

/** Goes from edge to edge in one life after the other. `missed`: where the machine stood otherwise than the graph has it. */
export async function toured(walk: Walk, graph: Graph, begin: () => Life, lifeSteps = mostSteps) {
  const places = placesOf(graph.edges);
  const first = places.get(graph.first)!;
  const missed: Edge[] = [];
  const wrong: string[] = [];
  let life = begin();
  let steps = 0;
  const restart = async () => {
    wrong.push(...(await life.end()));
    life = begin();
    steps = 0;
    return first;
  };
  const done = (edge: Edge) => {
    const { left } = places.get(edge.from)!;
    return left.includes(edge) && left.splice(left.indexOf(edge), 1).length > 0;
  };
  /** The edge of a path that the machine would not take. */
  async function lostOn(path: readonly Edge[]): Promise<Edge | undefined> {
    for (const edge of path) {
      steps += 1;
      // oxlint-disable-next-line no-await-in-loop -- one step after another
      if (!(await takes(walk, life, edge))) return edge;
      done(edge);
    }
    return undefined;
  }
  /* oxlint-disable no-await-in-loop -- one way after another */
  for (let at = first; ;) {
    if (steps > lifeSteps) at = await restart();
    const path = nearest(at) ?? nearest(await restart());
    if (!path) break;
    const lost = await lostOn(path);
    at = lost ? await restart() : places.get(path.at(-1)!.to)!;
    for (const edge of lost ? [lost, path.at(-1)!] : []) if (done(edge)) missed.push(edge);
  }
  /* oxlint-enable no-await-in-loop */
  wrong.push(...(await life.end()));
  return { missed, wrong };
}

/** Whether a machine stands at the edge's beginning, takes it and comes to its end. */
async function takes(walk: Walk, life: Life, edge: Edge): Promise<boolean> {
  const before = life.state();
  if (keyOf(walk, before) !== edge.from) return false;
  const event = happenings(walk, before).find(({ name }) => name === edge.name)?.event;
  if (!event || (edge.from === edge.to && !before.can(event as never))) return false;
  return (await life.occur(event)) && life.error() === undefined && keyOf(walk, life.state()) === edge.to;
}

function wayBack(cameBy: ReadonlyMap<string, Edge>, key: string): Edge[] {
  const path: Edge[] = [];
  for (let edge = cameBy.get(key); edge; edge = cameBy.get(edge.from)) path.unshift(edge);
  return path;
}

/** Takes one edge by the very way on which the graph found it. A timer that has fired on this way cannot fire again. */
export async function lived(walk: Walk, graph: Graph, edge: Edge, begin: () => Life): Promise<string> {
  const life = begin();
  const way = wayBack(graph.wayTo, edge.from);
  const unable: Edge[] = [];
  for (const step of [...way, edge])
    // oxlint-disable-next-line no-await-in-loop -- one step after another
    if (!(await life.occur(step.event))) unable.push(step);
  const error = life.error();
  const end = keyOf(walk, life.state());
  const [complaint] = await life.end();
  if (unable.length === 1 && unable[0] === edge && way.some(({ name }) => name === edge.name)) return 'untimely';
  if (error === undefined && end === edge.to && complaint === undefined) return 'taken';
  return complaint ?? `${edge.from} + ${edge.name}: ${String(error ?? end)}, not ${edge.to}`;
}
