import type { Posture } from '../../posture.ts';
import type { Alerting, AlertNews } from '../alerting.ts';
import { alertKinds, severities } from '../alerts.ts';
import { repairKinds } from '../reconciler-work.ts';
import { counter, gauge } from './definition.ts';
import type { Metrics } from './metrics.ts';

const mode = ['normal', 'degraded', 'failsafe'] as const;

export const careMetrics = {
  voicechart_posture: gauge('1 for the mode that recovery has put the instance in, 0 for the others', { mode }),
  voicechart_posture_changes_total: counter('How often recovery changed the posture'),
  voicechart_alerts_total: counter('What happened to alerts, by what they are about', {
    kind: alertKinds,
    change: ['raised', 'repeated', 'resolved', 'delivered', 'undelivered'],
  }),
  voicechart_alerts_open: gauge('Alerts that are not over', { severity: severities }),
  voicechart_reconcile_looks_total: counter('Looks at LiveKit’s rooms, held against our calls', {
    result: ['ok', 'failed'],
  }),
  voicechart_reconcile_repairs_total: counter('What LiveKit had not told and was found in its lists', {
    kind: repairKinds,
  }),
};

/** The posture that the instance is in. */
export function showPosture(metrics: Metrics, now: Posture): void {
  for (const each of mode) metrics.set('voicechart_posture', { mode: each }, each === now.mode ? 1 : 0);
}

/** What happens to alerts, and how many are open whenever the figures are read. */
export function followAlerts(metrics: Metrics, alerts: Pick<Alerting, 'news' | 'open'>): void {
  alerts.news.listen(({ kind, change }: AlertNews) => metrics.add('voicechart_alerts_total', { kind, change }));
  metrics.beforeReading(() => {
    const open = alerts.open();
    for (const severity of severities)
      metrics.set('voicechart_alerts_open', { severity }, open.filter((each) => each.severity === severity).length);
  });
}
