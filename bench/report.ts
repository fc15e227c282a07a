import type { BenchName } from './args.ts';
import type { Figure } from './figure.ts';
import type { CpuShares, Machine } from './machine.ts';

/** What a benchmark has found. */
export interface Report {
  readonly bench: BenchName;
  /** By which it was asked for. */
  readonly command: string;
  readonly date: string;
  readonly machine: Machine;
  readonly figures: readonly Figure[];
  /** What went wrong on the way, one line each. */
  readonly troubles: readonly string[];
  /** What the machine did while it was measured. */
  readonly cpu: CpuShares | undefined;
}

/** Says whether the machine had time for us. */
export const cpuLine = (cpu: CpuShares | undefined): string =>
  cpu
    ? `Meanwhile all cores together were idle for ${cpu.idle} % of the time, and for ${cpu.stolen} % the host gave them to others.`
    : 'What else the machine did is not known.';

const round = (value: number): string =>
  Number.isNaN(value) ? '–' : value >= 20 || Number.isInteger(value) ? String(Math.round(value)) : value.toFixed(1);

const goalText = ({ of, atMost, reached }: Figure['goals'][number]): string =>
  `${of} ≤ ${atMost} ${reached ? '✓' : '✗'}`;

const columns = ['', 'n', 'p50', 'p95', 'max', 'p50 by repetition', 'asked', 'load'] as const;

const rowOf = ({ name, unit, n, p50, p95, max, p50Spread, goals, load }: Figure): string[] => [
  `${name} (${unit})`,
  String(n),
  round(p50),
  round(p95),
  round(max),
  `${round(p50Spread[0])}–${round(p50Spread[1])}`,
  goals.map(goalText).join(', '),
  String(load),
];

/** The table as people read it in a terminal. */
export function tableOf(figures: readonly Figure[]): string {
  const rows = [[...columns], ...figures.map(rowOf)];
  const widths = columns.map((_, index) => Math.max(...rows.map((row) => row[index]!.length)));
  return rows
    .map((row) => row.map((cell, index) => (index === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[index]!))))
    .map((row) => row.join('  ').trimEnd())
    .join('\n');
}

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** The same table in Markdown, with the notes under it. */
export function markdownOf(figures: readonly Figure[]): string {
  const notes = figures.flatMap(({ name, note }) => (note ? [`- ${name}: ${note}`] : []));
  return [
    line(columns),
    line(columns.map((_, index) => (index === 0 ? '---' : '---:'))),
    ...figures.map((figure) => line(rowOf(figure))),
    ...(notes.length > 0 ? ['', ...notes] : []),
  ].join('\n');
}
