import { readFileSync } from 'node:fs';
import { type Fleet, lookEveryMs, type Moment, simulate, turns, type UsageRecord } from './simulate.ts';
import { steps } from './steps.ts';
import { factorOf, wishOf } from './wish.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

const recordFile = new URL('../../test/fixtures/load/instance.json', import.meta.url);
const record = JSON.parse(readFileSync(recordFile, 'utf8')) as UsageRecord;

/** As an instance is run: 20 places, two processors, 2 GB. */
export const fleet: Fleet = {
  record,
  steps,
  factor: (load) => factorOf[wishOf(load)],
  places: 20,
  cores: 2,
  memoryMb: 2048,
  startMs: 30_000,
};

type Demand = (at: number) => number;

/** The calls of the record, so many times as many and so slowly. */
const recorded =
  (times: number, slower: number): Demand =>
  (at) => {
    const index = Math.floor(at / (4_000 * slower));
    const [here, next] = [record.samples[index], record.samples[index + 1]];
    const share = at / (4_000 * slower) - index;
    return times * ((here?.calls ?? 0) * (1 - share) + (next?.calls ?? 0) * share);
  };

/** Up and down in so long, between nothing and `most`. */
export const waves =
  (most: number, periodMs: number): Demand =>
  (at) =>
    (most / 2) * (1 - Math.cos((2 * Math.PI * at) / periodMs));

/** Between so many less and so many more, by no rule, and the same each time. */
const unrest = (at: number, most: number): number => most * Math.sin(at * 12.9898) * Math.cos(at * 78.233);

const wholeRecordMs = record.samples.length * 4_000;

/** What is played by the command and by the test. */
export const demands: Readonly<Record<string, readonly [Demand, number]>> = {
  'record × 10, × 30': [recorded(10, 30), 30 * wholeRecordMs + hourMs],
  'record × 20, × 10': [recorded(20, 10), 10 * wholeRecordMs + hourMs],
  'steady 60': [() => 60, 4 * hourMs],
  'about 60': [(at) => 60 + unrest(at, 8), 4 * hourMs],
  'waves of 2 h': [waves(120, 2 * hourMs), 12 * hourMs],
  'waves of 20 min': [waves(120, 20 * minuteMs), 6 * hourMs],
  'burst of 100': [(at) => (at > hourMs && at < hourMs + 15 * minuteMs ? 100 : 10), 3 * hourMs],
};

export interface Outcome {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  readonly changes: number;
  /** From more to fewer or back: of the instances, and of the demand that they serve. */
  readonly turns: number;
  readonly turnsOfDemand: number;
  readonly mostWaiting: number;
  /** For how long callers waited without a break, at most. */
  readonly waitedMs: number;
}

export function outcomeOf(name: string, moments: readonly Moment[]): Outcome {
  const counts = moments.map(({ instances }) => instances);
  let [row, longest] = [0, 0];
  for (const { load } of moments) {
    row = load.waiting > 0 ? row + 1 : 0;
    longest = Math.max(longest, row);
  }
  return {
    name,
    least: Math.min(...counts),
    most: Math.max(...counts),
    changes: counts.slice(1).filter((count, index) => count !== counts[index]).length,
    turns: turns(counts),
    turnsOfDemand: turns(moments.map(({ calls }) => calls)),
    mostWaiting: Math.max(...moments.map(({ load }) => load.waiting)),
    waitedMs: longest * lookEveryMs,
  };
}

export const played = (of: Fleet = fleet): readonly Outcome[] =>
  Object.entries(demands).map(([name, [demand, forMs]]) => outcomeOf(name, simulate(of, demand, forMs)));
