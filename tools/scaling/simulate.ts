import { createScaler, type Steps } from './steps.ts';
import type { FleetLoad } from './wish.ts';

/** What an instance used with so many calls, as it was measured (`npm run bench -- load`). */
export interface UsageRecord {
  readonly samples: readonly {
    readonly calls: number;
    /** Of one core. */
    readonly cpuShare: number;
    readonly rssMb: number;
    readonly responseMs: number;
  }[];
}

export interface Fleet {
  readonly record: UsageRecord;
  readonly steps: Steps;
  /** What is asked of whoever scales, by what there is. */
  readonly factor: (load: FleetLoad) => number;
  /** Of each instance. */
  readonly places: number;
  readonly cores: number;
  readonly memoryMb: number;
  /** From the wish to an instance that takes calls. */
  readonly startMs: number;
}

/** How many instances there were, each 15 s, and what they had to do. */
export interface Moment {
  readonly at: number;
  readonly instances: number;
  readonly calls: number;
  readonly load: FleetLoad;
}

export const lookEveryMs = 15_000;
/** `rate(…[2m])` in the rules. */
const windowLooks = 8;

/** Plays a demand, in calls at a moment, on a fleet of measured instances. Calls are handed over when theirs goes. */
export function simulate(fleet: Fleet, demand: (at: number) => number, forMs: number): readonly Moment[] {
  const { steps, places, startMs, factor } = fleet;
  const scaler = createScaler(steps, steps.least);
  const usage = usageOf(fleet.record);
  const cpus: number[] = [];
  const moments: Moment[] = [];
  let instances = steps.least;
  for (let at = 0; at < forMs; at += lookEveryMs) {
    const ready = Math.min(
      instances,
      ...moments.slice(-Math.ceil(startMs / lookEveryMs)).map((each) => each.instances),
    );
    const wanted = Math.max(0, Math.round(demand(at)));
    const calls = Math.min(wanted, ready * places);
    const each = usage(calls / ready, at / lookEveryMs);
    cpus.push((each.cpuShare * ready) / (instances * fleet.cores));
    const load: FleetLoad = {
      cpu: mean(cpus.slice(-windowLooks)),
      memory: each.rssMb / fleet.memoryMb,
      waiting: wanted - calls,
      responseMs: each.responseMs,
      places: calls / (ready * places),
    };
    instances = scaler.look(at, factor(load));
    moments.push({ at, instances, calls: wanted, load });
  }
  return moments;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The looks with the nearest number of calls, one after the other; beyond what was measured by their share of a call. */
function usageOf({ samples }: UsageRecord): (calls: number, look: number) => UsageRecord['samples'][number] {
  const most = Math.max(...samples.map(({ calls }) => calls));
  const [{ rssMb: idleMb }] = samples as readonly [UsageRecord['samples'][number]];
  return (calls, look) => {
    const near = Math.min(most, Math.round(calls));
    const nearest = Math.min(...samples.map((each) => Math.abs(each.calls - near)));
    const found = samples.filter((each) => Math.abs(each.calls - near) === nearest);
    const sample = found[look % found.length]!;
    const times = sample.calls > 0 ? Math.max(1, calls / sample.calls) : 1;
    return { ...sample, cpuShare: sample.cpuShare * times, rssMb: idleMb + (sample.rssMb - idleMb) * times };
  };
}

/** How often a row of counts turns from growing to falling, or back. */
export function turns(counts: readonly number[]): number {
  const ways = counts.slice(1).flatMap((count, index) => (count === counts[index] ? [] : [count > counts[index]!]));
  return ways.slice(1).filter((way, index) => way !== ways[index]).length;
}
