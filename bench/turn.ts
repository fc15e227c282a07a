import { type MeasureName, measureNames } from './args.ts';
import { type Bed, openBed } from './bed.ts';
import type { Figure } from './figure.ts';
import { measureCost } from './measures/cost.ts';
import { measureFloor } from './measures/floor.ts';
import { measureReplies } from './measures/replies.ts';

export interface TurnBenchOptions {
  /** Turns with an answer of the model, over all agents. */
  readonly turns: number;
  /** Calls at once when their cost is measured. */
  readonly calls: number;
  /** Measures that are wanted; all when empty. */
  readonly only: readonly MeasureName[];
  readonly tell: (line: string) => void;
  /** Told of what went wrong and was left out. */
  readonly trouble: (line: string) => void;
}

type Measure = (bed: Bed, options: TurnBenchOptions) => Promise<readonly Figure[]>;

const measures: Readonly<Record<MeasureName, Measure>> = {
  replies: measureReplies,
  floor: measureFloor,
  cost: measureCost,
};

/** Figures of a turn: our own share of it, how soon the caller hears us, how soon we stop, what a call costs. */
export async function benchTurn(options: TurnBenchOptions): Promise<readonly Figure[]> {
  const bed = await openBed(options.tell);
  try {
    const figures: Figure[] = [];
    for (const name of measureNames) {
      if (options.only.length > 0 && !options.only.includes(name)) continue;
      options.tell(`\n${name}`);
      // oxlint-disable-next-line no-await-in-loop -- one after the other: they would disturb each other
      figures.push(...(await measures[name](bed, options)));
    }
    return figures;
  } finally {
    await bed.close();
  }
}
