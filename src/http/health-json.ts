import type { HealthView, TargetView } from '../runtime/health/view.ts';

const statusOf = { healthy: 'pass', degraded: 'warn', unhealthy: 'fail', unknown: 'warn' } as const;

/** In the form of `application/health+json` (draft-inadarei-api-health-check), for tools that read that. */
export const healthJson = ({ status, at, targets }: HealthView) => ({
  status,
  description: 'what this instance of Voicechart depends on',
  checks: Object.fromEntries(targets.map((each) => [each.target, [checkOf(each, at)]])),
});

function checkOf({ target, status, since, reasons, limitMs, lastLook, absent, windows }: TargetView, at: number) {
  return {
    componentId: target,
    componentType: /^(?:livekit|redis|sip|egress|ingress)/.test(target) ? 'component' : 'system',
    status: absent ? 'pass' : statusOf[status],
    standing: status,
    since: new Date(since).toISOString(),
    ...(lastLook && { observedValue: lastLook.tookMs, observedUnit: 'ms' }),
    time: new Date(lastLook?.at ?? at).toISOString(),
    limitMs,
    ...(reasons.length > 0 && { output: reasons.join('; ') }),
    windows,
  };
}
