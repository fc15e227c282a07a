import type { Chart, ChartState } from '../../../src/runtime/chart.ts';

/** A state as it is drawn: with its children, or folded, its inner states told by a row of pips. */
export interface Box {
  readonly id: string;
  readonly key: string;
  readonly initial: boolean;
  readonly final: boolean;
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
    return { root, links: linksOf(index, root) };
  });
  return plates.toSorted((a, b) => boxesOf(b.root).length - boxesOf(a.root).length);
}

function plateRoots({ chart, childrenOf }: ChartIndex): ChartState[] {
  const regions = chart.states.filter(({ kind }) => kind === 'parallel').flatMap(({ id }) => childrenOf(id));
  const root = chart.states.find(({ parent }) => parent === undefined);
  return root && root.kind !== 'parallel' ? [...regions, root] : regions;
}

/** From this depth on, states with nothing but atomic ones (or copies) inside are folded. */
const foldDepth = 1;
const foldedCopies = 2;

function boxOf(index: ChartIndex, copies: ReadonlySet<string>, state: ChartState, depth: number): Box {
  const inner = index.childrenOf(state.id);
  const onlyAtomic = inner.every(
    ({ id }) => index.childrenOf(id).length === 0 || (depth > foldedCopies && copies.has(id)),
  );
  const folded = copies.has(state.id) || state.kind === 'parallel' || (onlyAtomic && depth >= foldDepth);
  return {
    id: state.id,
    key: state.key,
    initial: state.initial ?? false,
    final: state.kind === 'final',
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

/** A structure that recurs (a turn of the agent, whatever it says) is drawn in full once, where it is least deep. */
function copiesOf(index: ChartIndex): Set<string> {
  const large = index.chart.states.filter(({ id }) => leavesOf(index, id, '').length >= leastCopied);
  const alike = Map.groupBy(large, ({ id }) => shapeOf(index, id));
  const copies = [...alike.values()].flatMap((states) => {
    const byDepth = states.toSorted((a, b) => index.pathOf(a.id).length - index.pathOf(b.id).length);
    return byDepth.slice(1).map(({ id }) => id);
  });
  return new Set(copies);
}

const leastCopied = 5;

const shapeOf = (index: ChartIndex, id: string): string =>
  index
    .childrenOf(id)
    .map((child) => `${child.key}(${shapeOf(index, child.id)})`)
    .join();

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

export const boxesOf = (box: Box): Box[] => [box, ...box.children.flatMap(boxesOf)];
