import { counter, gauge } from './definition.ts';
import type { Metrics } from './metrics.ts';

/** What the process uses of its machine. */
export interface ProcessUsage {
  /** Since it began. */
  readonly cpuSeconds: number;
  /** Of all processors of the machine, or container, since it began. */
  readonly machineCpuSeconds: number;
  /** How many processors it may keep busy. */
  readonly cores: number;
  readonly residentBytes: number;
  readonly heapUsedBytes: number;
  /** What is left of `memoryBytes` for this process and others. */
  readonly freeBytes: number;
  /** Of the machine, or of the container where that allows less. */
  readonly memoryBytes: number;
  /** How late timers were since the last reading. */
  readonly lag: { readonly meanSeconds: number; readonly p99Seconds: number; readonly maxSeconds: number };
}

export const processMetrics = {
  process_cpu_seconds_total: counter('Processor time of the process'),
  voicechart_machine_cpu_seconds_total: counter(
    'Time that the processors of the machine, or container, were busy, all together',
  ),
  voicechart_cpu_cores: gauge('Processors that the process may keep busy'),
  process_resident_memory_bytes: gauge('Memory of the process'),
  nodejs_heap_size_used_bytes: gauge('Memory of the process that JavaScript uses'),
  voicechart_memory_available_bytes: gauge('Memory of the machine, or container, that is free'),
  voicechart_memory_limit_bytes: gauge('Memory of the machine, or container'),
  voicechart_event_loop_lag_seconds: gauge('How late timers of the process were since the last reading', {
    quantile: ['mean', 'p99', 'max'],
  }),
};

/** Takes down what the process uses, as of now. */
export function readProcess(metrics: Metrics, usage: () => ProcessUsage): () => void {
  let counted = { cpuSeconds: 0, machineCpuSeconds: 0 };
  return () => {
    const { cpuSeconds, machineCpuSeconds, cores, residentBytes, heapUsedBytes, freeBytes, memoryBytes, lag } = usage();
    metrics.add('process_cpu_seconds_total', {}, cpuSeconds - counted.cpuSeconds);
    metrics.add('voicechart_machine_cpu_seconds_total', {}, machineCpuSeconds - counted.machineCpuSeconds);
    counted = { cpuSeconds, machineCpuSeconds };
    metrics.set('voicechart_cpu_cores', {}, cores);
    metrics.set('process_resident_memory_bytes', {}, residentBytes);
    metrics.set('nodejs_heap_size_used_bytes', {}, heapUsedBytes);
    metrics.set('voicechart_memory_available_bytes', {}, freeBytes);
    metrics.set('voicechart_memory_limit_bytes', {}, memoryBytes);
    metrics.set('voicechart_event_loop_lag_seconds', { quantile: 'mean' }, lag.meanSeconds);
    metrics.set('voicechart_event_loop_lag_seconds', { quantile: 'p99' }, lag.p99Seconds);
    metrics.set('voicechart_event_loop_lag_seconds', { quantile: 'max' }, lag.maxSeconds);
  };
}
