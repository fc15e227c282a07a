import type { Posture } from '../../posture.ts';
import { counter, gauge } from './definition.ts';
import type { Metrics } from './metrics.ts';

const mode = ['normal', 'degraded', 'failsafe'] as const;

export const careMetrics = {
  voicechart_posture: gauge('1 for the mode that recovery has put the instance in, 0 for the others', { mode }),
  voicechart_posture_changes_total: counter('How often recovery changed the posture'),
};

/** The posture that the instance is in. */
export function showPosture(metrics: Metrics, now: Posture): void {
  for (const each of mode) metrics.set('voicechart_posture', { mode: each }, each === now.mode ? 1 : 0);
}
