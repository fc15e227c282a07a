import { type TakeoverPart, takeoverParts } from './args.ts';
import type { Figure } from './figure.ts';
import { measureFailover } from './measures/takeover/failover.ts';
import { measureHandovers } from './measures/takeover/handover.ts';
import { measureInProcess } from './measures/takeover/in-process.ts';
import { measureInstanceKills } from './measures/takeover/instance.ts';
import { measureTwelve } from './measures/takeover/twelve.ts';
import { measureWorkerKills } from './measures/takeover/worker.ts';

export interface TakeoverBenchOptions {
  /** Kills of each kind. */
  readonly repetitions: number;
  /** Parts that are wanted; all when empty. */
  readonly parts: readonly TakeoverPart[];
  readonly tell: (line: string) => void;
  /** Told of what went wrong and was left out. */
  readonly trouble: (line: string) => void;
}

type Measure = (options: TakeoverBenchOptions) => Promise<readonly Figure[]>;

const measures: Readonly<Record<TakeoverPart, Measure>> = {
  worker: measureWorkerKills,
  instance: measureInstanceKills,
  handover: measureHandovers,
  calls: measureTwelve,
  redis: measureFailover,
  'in-process': ({ tell, trouble }) => measureInProcess({ tell, trouble }),
};

/** What callers hear, and what is kept, when the owner of their call dies, stops, or loses its Redis. */
export async function benchTakeover(options: TakeoverBenchOptions): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const part of takeoverParts) {
    if (options.parts.length > 0 && !options.parts.includes(part)) continue;
    options.tell(`\n${part}`);
    // oxlint-disable-next-line no-await-in-loop -- one after the other: they would disturb each other
    for (const figure of await measures[part](options)) figures.push({ ...figure, part });
  }
  return figures;
}
