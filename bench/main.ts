import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { endOnSignals } from '../tools/lib/owned.ts';
import { type Asked, hasSections, help, readArgs } from './args.ts';
import type { FaultBenchOptions } from './faults.ts';
import { cpuShares, cpuTimes, loadNow, thisMachine } from './machine.ts';
import { renewedPage } from './page.ts';
import { cpuLine, type Report, tableOf } from './report.ts';
import type { TakeoverBenchOptions } from './takeover.ts';
import type { TurnBenchOptions } from './turn.ts';

const page = fileURLToPath(new URL('../docs/performance.md', import.meta.url));

const benches = {
  turn: async (options: TurnBenchOptions) => (await import('./turn.ts')).benchTurn(options),
  faults: async (options: FaultBenchOptions) => (await import('./faults.ts')).benchFaults(options),
  control: async (options: Pick<TurnBenchOptions, 'tell' | 'trouble'>) =>
    (await import('./control.ts')).benchControl(options),
  metrics: async (options: Pick<TurnBenchOptions, 'tell'>) =>
    (await import('./measures/metrics.ts')).measureMetrics(options),
  takeover: async (options: TakeoverBenchOptions) => (await import('./takeover.ts')).benchTakeover(options),
  stores: async (options: Pick<TurnBenchOptions, 'tell'>) =>
    (await import('./measures/stores/stores.ts')).measureStores(options),
  load: async (options: Pick<TurnBenchOptions, 'tell' | 'calls'> & { readonly write: boolean }) =>
    (await import('./measures/load.ts')).measureLoad(options),
} as const;

async function run({ bench, json, write, date, command, ...wanted }: Asked): Promise<number> {
  endOnSignals();
  const tell = (line: string) => void (json ? process.stderr : process.stdout).write(`${line}\n`);
  const machine = thisMachine();
  const before = cpuTimes();
  const troubles: string[] = [];
  const trouble = (line: string) => {
    troubles.push(line);
    tell(`  ! ${line}`);
  };
  tell(`${machine.cores} cores, ${machine.memoryGb} GB, Node ${machine.node}, load ${loadNow()}`);
  const figures = await benches[bench]({ ...wanted, write, date, tell, trouble });
  const report: Report = { bench, command, date, machine, figures, troubles, cpu: cpuShares(before, cpuTimes()) };
  tell(`\n${tableOf(figures)}\n\n${cpuLine(report.cpu)}`);
  if (write && hasSections(bench)) writeFileSync(page, renewedPage(readFileSync(page, 'utf8'), report));
  if (json) process.stdout.write(`${JSON.stringify(report)}\n`);
  return figures.every(({ goals }) => goals.every(({ reached }) => reached)) ? 0 : 1;
}

try {
  const asked = readArgs(process.argv.slice(2), new Date().toISOString().slice(0, 10));
  if (asked.help) console.log(help);
  else process.exitCode = await run(asked);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  // What was started for it would keep us.
  process.exit(2);
}
