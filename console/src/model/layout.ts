import type { ElkExtendedEdge, ElkNode } from 'elkjs/lib/elk-api.js';
import type { Box, Plate } from './plates.ts';

/** Where things are, px from the plate's corner. */
export interface PlacedBox {
  readonly box: Box;
  readonly depth: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface PlacedLink {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly labels: readonly string[];
  readonly points: readonly (readonly [number, number])[];
}

export interface PlacedPlate {
  readonly id: string;
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly PlacedBox[];
  readonly links: readonly PlacedLink[];
}

/** `wide` puts the parts of a conversation beside each other, `narrow` below each other. */
export type Shape = 'wide' | 'narrow';

const letterPx = 7;
const rowPx = 27;
const foldedRowPx = 42;
const choicePx = 13;
const titlePx = 22;

/** The plate as ELK takes it: every level is laid out by itself, since links lead between siblings only. */
export function elkGraph({ root, links }: Plate, shape: Shape): ElkNode {
  const node = (box: Box, depth: number): ElkNode => ({
    id: box.id,
    ...(box.children.length === 0
      ? leafSize(box)
      : {
          children: box.children.map((child) => node(child, depth + 1)),
          edges: links.filter(({ parent }) => parent === box.id).map(elkEdge),
          layoutOptions: optionsOf(depth, shape),
        }),
  });
  return node(root, 0);
}

const elkEdge = ({ id, from, to }: { id: string; from: string; to: string }): ElkExtendedEdge => ({
  id,
  sources: [from],
  targets: [to],
});

function leafSize({ key, pips, invokes, choice }: Box): { width: number; height: number } {
  if (choice) return { width: choicePx, height: choicePx };
  const name = key.length * letterPx + (invokes.length > 0 ? 36 : 22);
  if (pips.length === 0) return { width: Math.max(60, name), height: rowPx };
  const inner = Math.max(...pips.map(({ path }) => lastOf(path).length)) * (letterPx - 0.6);
  const dots = pips.length > mostPips ? 0 : pips.length * 8 + 4;
  return { width: Math.max(name, dots + inner + 22), height: foldedRowPx };
}

/** More atomic states than this inside a folded box are not told by pips, but by the name of the active one alone. */
export const mostPips = 6;

export const lastOf = (path: string): string => path.split(' › ').at(-1) ?? path;

const optionsOf = (depth: number, shape: Shape): Record<string, string> => ({
  'elk.algorithm': 'layered',
  'elk.direction': directionOf(depth, shape),
  'elk.padding': depth === 0 ? '[top=4,left=4,bottom=8,right=4]' : `[top=${titlePx + 6},left=9,bottom=11,right=9]`,
  'elk.spacing.nodeNode': '12',
  'elk.layered.spacing.nodeNodeBetweenLayers': '18',
  'elk.spacing.edgeNode': '9',
  'elk.spacing.edgeEdge': '7',
  'elk.layered.spacing.edgeNodeBetweenLayers': '9',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '7',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
  'elk.layered.cycleBreaking.strategy': 'MODEL_ORDER',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.layered.nodePlacement.favorStraightEdges': 'true',
});

/** Levels take turns going across and down; on a narrow page only the innermost go across. */
function directionOf(depth: number, shape: Shape): string {
  const across = shape === 'wide' ? depth % 2 === 1 : depth > 2;
  return across ? 'RIGHT' : 'DOWN';
}

/** ELK's answer in the plate's own coordinates: children and edges come relative to the state that holds them. */
export function placed({ name, root, links }: Plate, graph: ElkNode): PlacedPlate {
  const labels = new Map(links.map((link) => [link.id, link]));
  const boxes: PlacedBox[] = [];
  const drawn: PlacedLink[] = [];
  const walk = (box: Box, node: ElkNode, depth: number, left: number, top: number): void => {
    const [x, y] = [left + (node.x ?? 0), top + (node.y ?? 0)];
    if (depth > 0) boxes.push({ box, depth, x, y, width: node.width ?? 0, height: node.height ?? 0 });
    for (const edge of node.edges ?? []) {
      const link = labels.get(edge.id);
      if (link) drawn.push({ ...pick(link), points: pointsOf(edge, x, y) });
    }
    for (const child of node.children ?? [])
      walk(
        box.children.find(({ id }) => id === child.id)!,
        child,
        depth + 1,
        x,
        y,
      );
  };
  walk(root, graph, 0, 0, 0);
  return { id: root.id, name, width: graph.width ?? 0, height: graph.height ?? 0, boxes, links: drawn };
}

const pick = ({ id, from, to, labels }: PlacedLink | Plate['links'][number]) => ({ id, from, to, labels });

const pointsOf = ({ sections }: ElkExtendedEdge, x: number, y: number): [number, number][] =>
  (sections ?? []).flatMap(({ startPoint, bendPoints = [], endPoint }) =>
    [startPoint, ...bendPoints, endPoint].map((point): [number, number] => [
      Math.round((x + point.x) * 10) / 10,
      Math.round((y + point.y) * 10) / 10,
    ]),
  );
