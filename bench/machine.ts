import { readFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';

/** Where the figures come from; no names. */
export interface Machine {
  readonly cores: number;
  readonly memoryGb: number;
  readonly node: string;
  readonly platform: string;
}

export const thisMachine = (): Machine => ({
  cores: cpus().length,
  memoryGb: Math.round(totalmem() / 2 ** 30),
  node: process.version,
  platform: `${process.platform} ${process.arch}`,
});

/** Load average of the last minute. Above the number of cores the figures say more about the neighbours than about us. */
export const loadNow = (): number => Math.round((loadavg()[0] ?? 0) * 100) / 100;

/** Time of all cores since the machine began, in ticks. */
export interface CpuTimes {
  readonly all: number;
  readonly idle: number;
  /** Taken by other guests of the host. */
  readonly stolen: number;
}

/** What the machine did meanwhile, in percent of all its cores. */
export interface CpuShares {
  readonly idle: number;
  readonly stolen: number;
}

/** Linux; elsewhere nothing is known. */
export function cpuTimes(): CpuTimes | undefined {
  if (process.platform !== 'linux') return undefined;
  const line = /^cpu +(.*)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1] ?? '';
  // user nice system idle iowait irq softirq steal; guests are counted in user already.
  const ticks = line.split(' ').slice(0, 8).map(Number);
  const all = ticks.reduce((sum, each) => sum + each, 0);
  return { all, idle: (ticks[3] ?? 0) + (ticks[4] ?? 0), stolen: ticks[7] ?? 0 };
}

export function cpuShares(from: CpuTimes | undefined, to: CpuTimes | undefined): CpuShares | undefined {
  if (!from || !to || to.all === from.all) return undefined;
  const percent = (name: 'idle' | 'stolen') => Math.round((100 * (to[name] - from[name])) / (to.all - from.all));
  return { idle: percent('idle'), stolen: percent('stolen') };
}
