import { availableParallelism, totalmem } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import process from 'node:process';
import { busySeconds } from './busy.ts';
import type { ProcessUsage } from '../../runtime/metrics/process.ts';

const resolutionMs = 20;

/** What this process uses. Between two readings the event loop is watched: `close` ends that. */
export function watchProcess(): { read(): ProcessUsage; close(): void } {
  const loop = monitorEventLoopDelay({ resolution: resolutionMs });
  loop.enable();
  /** A timer that comes when it is due was not late, and the watch counts its own period. */
  const late = (nanoseconds: number) => Math.max(0, nanoseconds / 1e9 - resolutionMs / 1000);
  return {
    read() {
      const { user, system } = process.cpuUsage();
      const { rss, heapUsed } = process.memoryUsage();
      const constrained = process.constrainedMemory();
      const lag = { meanSeconds: late(loop.mean), p99Seconds: late(loop.percentile(99)), maxSeconds: late(loop.max) };
      loop.reset();
      return {
        cpuSeconds: (user + system) / 1e6,
        machineCpuSeconds: busySeconds(),
        cores: availableParallelism(),
        residentBytes: rss,
        heapUsedBytes: heapUsed,
        freeBytes: process.availableMemory(),
        memoryBytes: constrained > 0 && constrained < totalmem() ? constrained : totalmem(),
        lag,
      };
    },
    close: () => void loop.disable(),
  };
}
