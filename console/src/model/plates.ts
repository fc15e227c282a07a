import type { Chart, ChartState } from '../../../src/runtime/chart.ts';

/** A state as it is drawn: with its children, or folded, its inner states told by a row of pips. */
export interface Box {
  readonly id: string;
  readonly key: string;
  readonly initial: boolean;
  readonly final: boolean;
  /** Passed through without a stop: a fork in the road. */
  readonly choice: boolean;
  readonly invokes: readonly string[];
  readonly children: readonly Box[];
  /** Of a folded box: all states inside. */
  readonly inside: readonly string[];
  /** Of a folded box: the atomic states inside. */
  readonly pips: readonly { readonly id: string; readonly path: string }[];
}

/** Between two boxes of the same parent; stands for all transitions from inside the one to inside the other. */
export interface Link {
  readonly id: string;
  readonly parent: string;
  readonly from: string;
  readonly to: string;
  readonly labels: readonly string[];
}

/** A region that is drawn by itself. */
export interface Plate {
  readonly name: string;
  readonly root: Box;
  readonly links: readonly Link[];
}

export interface ChartIndex {
  readonly chart: Chart;
  readonly byId: ReadonlyMap<string, ChartState>;
  readonly childrenOf: (id: string) => readonly ChartState[];
  /** From the root to the state itself. */
  readonly pathOf: (id: string) => readonly string[];
}

export function indexOf(chart: Chart): ChartIndex {
  const byId = new Map(chart.states.map((state) => [state.id, state]));
  const children = Map.groupBy(chart.states, ({ parent }) => parent);
  const pathOf = (id: string): string[] => {
    const parent = byId.get(id)?.parent;
    return [...(parent === undefined ? [] : pathOf(parent)), id];
  };
  return { chart, byId, childrenOf: (id) => children.get(id) ?? [], pathOf };
}

/** Regions side by side are drawn apart, the largest first: no transition leads from one into another. */
export function platesOf(index: ChartIndex): Plate[] {
  const copies = copiesOf(index);
  const plates = plateRoots(index).map((state) => {
    const root = boxOf(index, copies, state, 0);
    return { name: nameOf(index, state), root, links: linksOf(index, root) };
  });
  return plates.toSorted((a, b) => boxesOf(b.root).length - boxesOf(a.root).length);
}

function plateRoots({ chart, childrenOf }: ChartIndex): ChartState[] {
  const regions = chart.states.filter(({ kind }) => kind === 'parallel').flatMap(({ id }) => childrenOf(id));
  const root = chart.states.find(({ parent }) => parent === undefined);
  const drawn = regions.filter(({ kind }) => kind !== 'parallel');
  return root && root.kind !== 'parallel' ? [...drawn, root] : drawn;
}

/** A region of a region says whose it is. */
function nameOf({ byId }: ChartIndex, { key, parent }: ChartState): string {
  const above = byId.get(parent ?? '');
  const isNested = above?.kind === 'parallel' && byId.get(above.parent ?? '')?.kind === 'parallel';
  return isNested ? `${above.key} › ${key}` : key;
}

/** Whatever leads out of it needs no event and no time. */
function isChoice({ chart, childrenOf }: ChartIndex, { id }: ChartState): boolean {
  const ways = chart.edges.filter(({ from }) => from === id);
  return childrenOf(id).length === 0 && ways.length > 1 && ways.every(({ label }) => label === '');
}

/** From this depth on, states with nothing but atomic ones (or copies) inside are folded. */
const foldDepth = 1;
const foldedCopies = 2;

function boxOf(index: ChartIndex, copies: ReadonlySet<string>, state: ChartState, depth: number): Box {
  const inner = index.childrenOf(state.id);
  const onlyAtomic = inner.every((child) => isAtomic(index, child) || (depth > foldedCopies && copies.has(child.id)));
  const folded = copies.has(state.id) || state.kind === 'parallel' || (onlyAtomic && depth >= foldDepth);
  return {
    id: state.id,
    key: state.key,
    initial: state.initial ?? false,
    final: state.kind === 'final',
    choice: isChoice(index, state),
    invokes: state.invokes,
    children: folded ? [] : inner.map((child) => boxOf(index, copies, child, depth + 1)),
    inside: folded && state.kind !== 'parallel' ? insideOf(index, state.id) : [],
    pips: folded && state.kind !== 'parallel' ? leavesOf(index, state.id, '') : [],
  };
}

const insideOf = (index: ChartIndex, id: string): string[] =>
  index.childrenOf(id).flatMap((child) => [child.id, ...insideOf(index, child.id)]);

function leavesOf(index: ChartIndex, id: string, path: string): { id: string; path: string }[] {
  return index.childrenOf(id).flatMap((child) => {
    const name = path === '' ? child.key : `${path} › ${child.key}`;
    return index.childrenOf(child.id).length === 0 ? [{ id: child.id, path: name }] : leavesOf(index, child.id, name);
  });
}

/**
 * A structure that recurs (a turn of the agent, whatever it says) is drawn in full once, where it is least deep. The others
 * may lack some of its states.
 */
function copiesOf(index: ChartIndex): Set<string> {
  const deep = index.chart.states.filter(({ id }) => index.childrenOf(id).some((child) => !isAtomic(index, child)));
  const keysOf = (id: string) => new Set(index.childrenOf(id).map(({ key }) => key));
  const depthOf = (id: string) => index.pathOf(id).length;
  const isCopy = ({ id }: ChartState, place: number) =>
    keysOf(id).size > 1 &&
    deep.some((other, otherPlace) => {
      const isFirst = depthOf(other.id) < depthOf(id) || (depthOf(other.id) === depthOf(id) && otherPlace < place);
      return isFirst && [...keysOf(id)].every((key) => keysOf(other.id).has(key));
    });
  return new Set(deep.filter(isCopy).map(({ id }) => id));
}

const isAtomic = ({ childrenOf }: ChartIndex, { id }: ChartState): boolean => childrenOf(id).length === 0;

/** Each transition, lifted to the two drawn states of a common parent that it leads between; within a box it is not drawn. */
function linksOf(index: ChartIndex, root: Box): Link[] {
  const drawn = new Set(boxesOf(root).map(({ id }) => id));
  const lifted = index.chart.edges.flatMap((edge) => {
    const [from, to] = [index.pathOf(edge.from), index.pathOf(edge.to)];
    const fork = from.findIndex((id, depth) => id !== to[depth]);
    const [a, b, parent] = [from[fork], to[fork], from[fork - 1]];
    const isDrawn = a && b && parent && drawn.has(a) && drawn.has(b) && drawn.has(parent);
    return isDrawn ? [{ id: `${a}→${b}`, parent, from: a, to: b, label: edge.label }] : [];
  });
  return [...Map.groupBy(lifted, ({ id }) => id).values()].map((same) => {
    const { label: _, ...link } = same[0]!;
    return { ...link, labels: [...new Set(same.map(({ label }) => label).filter(Boolean))] };
  });
}

const boxesOf = (box: Box): Box[] => [box, ...box.children.flatMap(boxesOf)];
