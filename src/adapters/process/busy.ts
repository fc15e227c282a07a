import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** Of the container that this process is in, or of the machine; all processes in it count. */
const controlGroup = '/sys/fs/cgroup/cpu.stat';

/** How long processors were busy so far, all together: for the container where that is told (cgroup v2), else for the machine. */
export function busySeconds(file = controlGroup): number {
  try {
    return Number(/^usage_usec (\d+)$/m.exec(readFileSync(file, 'utf8'))![1]) / 1e6;
  } catch {
    return cpus().reduce((sum, { times: { user, nice, sys, irq } }) => sum + user + nice + sys + irq, 0) / 1000;
  }
}
