import { createPrometheus } from '../adapters/prometheus/metrics.ts';
import { watchProcess } from '../adapters/process/watch.ts';
import type { Alerting } from '../runtime/alerting.ts';
import type { Hub } from '../runtime/hub.ts';
import type { LineLook } from '../runtime/line-look.ts';
import { foldCalls } from '../runtime/metrics/calls.ts';
import { followAlerts, showPosture } from '../runtime/metrics/care.ts';
import { foldFallbacks } from '../runtime/metrics/fallbacks.ts';
import { foldLinks, foldLooks } from '../runtime/metrics/line.ts';
import type { Metrics, MetricsPage } from '../runtime/metrics/metrics.ts';
import { readProcess } from '../runtime/metrics/process.ts';
import { foldTalk } from '../runtime/metrics/talk.ts';
import { foldFailures, foldSightings, foldStatuses } from '../runtime/metrics/targets.ts';
import { foldTurns } from '../runtime/metrics/turns.ts';
import type { CallNotice, Sighting, StatusChange } from '../runtime/notices.ts';
import type { PostureBoard } from '../runtime/posture-board.ts';

interface Told {
  readonly notices: Hub<CallNotice>;
  readonly sightings: Hub<Sighting>;
  readonly statuses: Hub<StatusChange>;
  readonly looks: Hub<LineLook>;
  readonly posture: PostureBoard;
  readonly alerts: Pick<Alerting, 'news' | 'open'>;
  readonly threw: (error: unknown) => void;
}

export interface OpenMetrics extends Metrics, MetricsPage {
  close(): void;
}

/** The figures of an instance: folds of what its hubs tell. */
export function openMetrics({ notices, sightings, statuses, looks, posture, alerts, threw }: Told): OpenMetrics {
  const metrics = createPrometheus(threw);
  const lines = foldLooks(metrics);
  followCalls(metrics, notices);
  notices.listen(lines.notice);
  looks.listen(lines.look);
  sightings.listen(foldSightings(metrics));
  statuses.listen(foldStatuses(metrics));

  showPosture(metrics, posture.now());
  const unwatch = posture.watch((now) => {
    showPosture(metrics, now);
    metrics.add('voicechart_posture_changes_total', {});
  });
  followAlerts(metrics, alerts);
  const usage = watchProcess();
  metrics.beforeReading(readProcess(metrics, usage.read));
  return {
    ...metrics,
    close() {
      unwatch();
      usage.close();
    },
  };
}

const folds = [foldCalls, foldTurns, foldTalk, foldLinks, foldFailures, foldFallbacks];

/** Takes down what calls tell. */
export function followCalls(metrics: Metrics, notices: Pick<Hub<CallNotice>, 'listen'>): void {
  for (const fold of folds) notices.listen(fold(metrics));
}
