import { createPrometheus } from '../adapters/prometheus/metrics.ts';
import type { Hub } from '../runtime/hub.ts';
import type { Metrics, MetricsPage } from '../runtime/metrics/metrics.ts';
import { foldTurns } from '../runtime/metrics/turns.ts';
import type { CallNotice } from '../runtime/notices.ts';

interface Told {
  readonly notices: Hub<CallNotice>;
  readonly threw: (error: unknown) => void;
}

/** The figures of an instance: folds of what its hubs tell. */
export function openMetrics({ notices, threw }: Told): Metrics & MetricsPage {
  const metrics = createPrometheus(threw);
  notices.listen(foldTurns(metrics));
  return metrics;
}
