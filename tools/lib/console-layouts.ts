import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ElkBundled, { type ELK } from 'elkjs/lib/elk.bundled.js';
import { layOutChart, layoutName, shapes } from '../../console/src/model/lay-out.ts';
import { drawnCharts } from '../../src/wiring/charts.ts';

/** Lays out the machines as they are now, so that no browser has to. */
export async function writeLayouts(folder: string): Promise<void> {
  // Its types do not say that the module is the class.
  const elk = new (ElkBundled as unknown as new () => ELK)();
  mkdirSync(folder, { recursive: true });
  const names = [];
  for (const chart of drawnCharts())
    for (const shape of shapes) {
      const name = layoutName(chart, shape);
      writeFileSync(join(folder, `${name}.json`), JSON.stringify(await layOutChart(elk, chart, shape)));
      names.push(name);
    }
  writeFileSync(join(folder, 'index.json'), JSON.stringify(names));
}
