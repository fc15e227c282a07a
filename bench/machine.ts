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
