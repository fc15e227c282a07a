import ELK, { type ELK as Elk } from 'elkjs/lib/elk-api.js';
import workerUrl from 'elkjs/lib/elk-worker.min.js?url';
import type { Chart } from '../../src/runtime/chart.ts';
import { layOutChart, layoutName } from './model/lay-out.ts';
import type { PlacedPlate, Shape } from './model/layout.ts';

const prefix = 'voicechart.layout.';
let engine: Elk | undefined;

/**
 * Where the states of a machine are drawn. The build has laid out the machines it knew; one that came later is laid out
 * here, once, and kept by the browser.
 */
export async function layOut(chart: Chart, shape: Shape): Promise<readonly PlacedPlate[]> {
  const name = layoutName(chart, shape);
  const known = kept(name) ?? (await built(name));
  if (known) return known;
  const plates = await layOutChart(elk(), chart, shape);
  keep(name, `${prefix}${chart.machine}-${shape}-`, plates);
  return plates;
}

/** In a thread of its own, and not even loaded while the layouts are known. */
const elk = (): Elk =>
  (engine ??= new ELK({ workerUrl, workerFactory: (url?: string) => new Worker(url ?? workerUrl) }));

async function built(name: string): Promise<readonly PlacedPlate[] | undefined> {
  const names = (await fetchJson('./layouts/index.json')) as readonly string[] | undefined;
  return names?.includes(name) ? ((await fetchJson(`./layouts/${name}.json`)) as PlacedPlate[]) : undefined;
}

const fetchJson = (path: string): Promise<unknown> =>
  fetch(new URL(path, document.baseURI))
    .then((answer) => (answer.ok ? answer.json() : undefined))
    .catch(() => undefined);

function kept(name: string): readonly PlacedPlate[] | undefined {
  try {
    const text = localStorage.getItem(prefix + name);
    return text === null ? undefined : (JSON.parse(text) as PlacedPlate[]);
  } catch {
    return undefined;
  }
}

/** Layouts of older machines go. A browser that keeps nothing lays out again. */
function keep(name: string, family: string, plates: readonly PlacedPlate[]): void {
  try {
    for (const old of Object.keys(localStorage)) if (old.startsWith(family)) localStorage.removeItem(old);
    localStorage.setItem(prefix + name, JSON.stringify(plates));
  } catch {
    // Full, or not allowed.
  }
}
