import { readdirSync, readFileSync } from 'node:fs';

/** CPU time so far and memory now of a process, all threads. Linux. */
export interface Usage {
  readonly cpuMs: number;
  readonly rssMb: number;
  readonly atMs: number;
}

/** Ticks of /proc are hundredths of a second on every Linux that Node runs on. */
const tickMs = 10;

export function usageOf(pid: number): Usage {
  // The name of the program may hold spaces and brackets: fields are counted from its last bracket.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  const rssKb = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return {
    cpuMs: (Number(fields[11]) + Number(fields[12])) * tickMs,
    rssMb: Number(rssKb) / 1024,
    atMs: performance.now(),
  };
}

/** Share of one core used between two looks, in percent. */
export const cpuPercent = (from: Usage, to: Usage): number => (100 * (to.cpuMs - from.cpuMs)) / (to.atMs - from.atMs);

/** How long all threads of these processes have waited for a core so far, ms: what a busy machine adds. NaN where it is not told. */
export function waitedForCore(pids: readonly number[]): number {
  try {
    return pids.flatMap(threadsOf).reduce((sum, file) => sum + waitOf(file), 0);
  } catch {
    return Number.NaN;
  }
}

const threadsOf = (pid: number): string[] =>
  readdirSync(`/proc/${pid}/task`).map((thread) => `/proc/${pid}/task/${thread}/schedstat`);

function waitOf(file: string): number {
  try {
    return Number(readFileSync(file, 'utf8').split(' ')[1]) / 1e6;
  } catch {
    // The thread has ended meanwhile.
    return 0;
  }
}
