import type { Clock } from '../../clock.ts';
import type { CallQueue } from '../call-queue.ts';
import type { Metrics } from './metrics.ts';

/** Shows, whenever the figures are read, how many calls run and wait. */
export function showLoad(
  metrics: Metrics,
  {
    queue,
    capacity,
    clock,
  }: { readonly queue: Pick<CallQueue, 'size'>; readonly capacity: number; readonly clock: Pick<Clock, 'now'> },
): void {
  metrics.set('voicechart_call_capacity', {}, capacity);
  metrics.beforeReading(() => {
    const { running, waiting, oldestAt } = queue.size();
    metrics.set('voicechart_calls_active', {}, running);
    metrics.set('voicechart_calls_waiting', {}, waiting);
    metrics.set(
      'voicechart_calls_waiting_oldest_seconds',
      {},
      oldestAt === undefined ? 0 : (clock.now() - oldestAt) / 1000,
    );
  });
}
