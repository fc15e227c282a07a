import { availableParallelism, totalmem } from 'node:os';
import { availableMemory, constrainedMemory, cpuUsage } from 'node:process';
import type { Clock } from '../../clock.ts';
import type { UsageMeter } from '../../runtime/alert-figures.ts';
import { busySeconds } from './busy.ts';

/** What this process and its machine, or container, use. CPU is the greater of both shares, since the reading before. */
export function createUsageMeter(clock: Pick<Clock, 'now'>): UsageMeter {
  let before = reading(clock.now());
  return {
    read() {
      const now = reading(clock.now());
      const mostMs = (now.at - before.at) * availableParallelism();
      const cpu = Math.max(share(before.busyMs, now.busyMs, mostMs), share(before.ownMs, now.ownMs, mostMs));
      before = now;
      return { cpu, memory: memoryShare() };
    },
  };
}

const reading = (at: number) => {
  const { user, system } = cpuUsage();
  return { at, busyMs: busySeconds() * 1000, ownMs: (user + system) / 1000 };
};

const share = (from: number, to: number, whole: number): number => (whole > 0 ? Math.min(1, (to - from) / whole) : 0);

/** Of what the container may have, where there is one; caches that the system would give back do not count. */
function memoryShare(): number {
  const most = constrainedMemory();
  const whole = most > 0 && most < totalmem() ? most : totalmem();
  return Math.min(1, Math.max(0, 1 - availableMemory() / whole));
}
