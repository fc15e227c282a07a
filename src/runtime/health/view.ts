import type { Failure } from '../../failure.ts';
import { type Target } from '../../targets.ts';
import type { Lane } from './lane.ts';
import { limitOf, mostFailing, vital } from './limits.ts';
import { failureIn, type Status, type TargetHealth } from './target-health.ts';
import { tallyOf, type Window } from './window.ts';

/** One stretch of time, as it is shown. Rates are from 0 to 1, and left out where nothing was seen. */
export interface WindowView {
  readonly minutes: number;
  readonly seen: number;
  readonly failed: number;
  readonly successRate?: number;
  readonly errorRate?: number;
  readonly meanMs?: number;
  readonly worstMs?: number;
}

/** One target, as operators see it. */
export interface TargetView {
  readonly target: Target;
  readonly status: Status;
  /** ms since 1970. */
  readonly since: number;
  /** Why it is not healthy, or not known: one line each. */
  readonly reasons: readonly string[];
  readonly limitMs: number;
  readonly lastLook?: { readonly at: number; readonly tookMs: number };
  readonly failure?: Failure;
  /** It is not there by design. */
  readonly absent?: true;
  readonly windows: readonly WindowView[];
}

/** All of them. `status`: `fail` when calls cannot be taken, `warn` when something else is not well. */
export interface HealthView {
  readonly status: 'pass' | 'warn' | 'fail';
  /** ms since 1970. */
  readonly at: number;
  readonly targets: readonly TargetView[];
}

export function healthView(targets: readonly TargetHealth[], now: number): HealthView {
  const isAway = targets.some(({ target, status }) => vital.includes(target) && status === 'unhealthy');
  const isWell = targets.every(({ status, absent }) => status === 'healthy' || absent !== undefined);
  return {
    status: isAway ? 'fail' : isWell ? 'pass' : 'warn',
    at: now,
    targets: targets.map((each) => targetView(each, now)),
  };
}

function targetView(health: TargetHealth, now: number): TargetView {
  const { target, status, since, lastLook, absent, windows } = health;
  const failure = failureIn(health);
  return {
    target,
    status,
    since,
    reasons: reasonsOf(health, now),
    limitMs: limitOf[target].latencyMs,
    ...(lastLook && { lastLook }),
    ...(failure && { failure }),
    ...(absent !== undefined && { absent: true }),
    windows: windows.map((window) => windowView(window, now)),
  };
}

function windowView(window: Window, now: number): WindowView {
  const { well, failed, looks, sumMs, worstMs } = tallyOf(window, now);
  const all = well + failed;
  return {
    minutes: window.spanMs / 60_000,
    seen: all,
    failed,
    ...(all > 0 && { successRate: well / all, errorRate: failed / all }),
    ...(looks > 0 && { meanMs: Math.round(sumMs / looks), worstMs }),
  };
}

function reasonsOf(health: TargetHealth, now: number): readonly string[] {
  const { target, status, probes, uses, failsOften, isSlow, judged, absent, lastLook } = health;
  if (absent !== undefined) return [absent];
  if (status === 'unknown') return [lastLook || uses.at > 0 ? 'not certain yet' : 'not looked at yet', ...said(probes)];
  const { well, failed, timed, late } = tallyOf(judged, now);
  return [
    ...said(probes),
    ...said(uses, 'in calls: '),
    ...(failsOften ? [`${failed} of ${well + failed} failed in 5 minutes (allowed: ${mostFailing * 100} %)`] : []),
    ...(isSlow
      ? [`${late} of ${timed} answers came late in 5 minutes (allowed: ${limitOf[target].latencyMs} ms)`]
      : []),
  ];
}

const said = ({ verdict, failure }: Lane, where = ''): readonly string[] =>
  failure && verdict !== 'good' ? [`${where}${failure.message}`] : [];
