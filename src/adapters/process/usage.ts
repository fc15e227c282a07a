import { availableParallelism, cpus, totalmem } from 'node:os';
import { availableMemory, constrainedMemory, cpuUsage } from 'node:process';
import type { Clock } from '../../clock.ts';
import type { UsageMeter } from '../../runtime/alert-figures.ts';

/** What this process and its machine use. CPU is the greater of the machine's and the process' share, since the reading before. */
export function createUsageMeter(clock: Pick<Clock, 'now'>): UsageMeter {
  let before = reading(clock.now());
  return {
    read() {
      const now = reading(clock.now());
      const cpu = Math.max(share(before.busyMs, now.busyMs, now.allMs - before.allMs), ownShare(before, now));
      before = now;
      return { cpu, memory: memoryShare() };
    },
  };
}

const reading = (at: number) => {
  const cores = cpus().map(({ times }) => times);
  const busyMs = cores.reduce((sum, { user, nice, sys, irq }) => sum + user + nice + sys + irq, 0);
  const { user, system } = cpuUsage();
  return { at, busyMs, allMs: busyMs + cores.reduce((sum, { idle }) => sum + idle, 0), ownMs: (user + system) / 1000 };
};

type Reading = ReturnType<typeof reading>;

const share = (from: number, to: number, whole: number): number => (whole > 0 ? Math.min(1, (to - from) / whole) : 0);

const ownShare = (before: Reading, now: Reading): number =>
  share(before.ownMs, now.ownMs, (now.at - before.at) * availableParallelism());

/** Of what the container may have, where there is one; caches that the system would give back do not count. */
function memoryShare(): number {
  const most = constrainedMemory();
  const whole = most > 0 && most < totalmem() ? most : totalmem();
  return Math.min(1, Math.max(0, 1 - availableMemory() / whole));
}
