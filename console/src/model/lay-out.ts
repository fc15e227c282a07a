import type { ElkNode } from 'elkjs/lib/elk-api.js';
import type { Chart } from '../../../src/runtime/chart.ts';
import { elkGraph, placed, type PlacedPlate, type Shape } from './layout.ts';
import { indexOf, platesOf } from './plates.ts';

/** Raise it when plates or the options of the layout change. */
const layoutVersion = 6;

export const shapes: readonly Shape[] = ['wide', 'narrow'];

/** The little of ELK that is used: in the build it runs in this thread, in a browser in one of its own. */
export interface LayoutEngine {
  layout(graph: ElkNode): Promise<ElkNode>;
}

export const layOutChart = (engine: LayoutEngine, chart: Chart, shape: Shape): Promise<readonly PlacedPlate[]> =>
  Promise.all(
    platesOf(indexOf(chart)).map(async (plate) => placed(plate, await engine.layout(elkGraph(plate, shape)))),
  );

/** Name under which a layout is kept: another machine, shape or way to lay out is another name. */
export const layoutName = (chart: Chart, shape: Shape): string =>
  `${chart.machine}-${shape}-${hashOf(`${layoutVersion} ${JSON.stringify(chart)}`)}`;

/** FNV-1a, 64 bits. */
function hashOf(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const unit of text) hash = BigInt.asUintN(64, (hash ^ BigInt(unit.codePointAt(0) ?? 0)) * 0x100000001b3n);
  return hash.toString(36);
}
