import type { Failure } from '../../failure.ts';
import type { Target } from '../../targets.ts';
import type { Sighting } from '../notices.ts';
import { evidenceOf } from './evidence.ts';
import { emptyLane, type Lane, type Steadiness, witnessed } from './lane.ts';
import { latencyLimit, mostFailing } from './limits.ts';
import { counted, emptyWindow, type Tally, tallyOf, type Window } from './window.ts';

export type Status = 'unknown' | 'healthy' | 'degraded' | 'unhealthy';

/** All that is kept of one target: plain JSON of a bounded size, whatever happens. */
export interface TargetHealth {
  readonly target: Target;
  readonly status: Status;
  /** ms since 1970, of the status. */
  readonly since: number;
  readonly probes: Lane;
  readonly uses: Lane;
  /** More failed than may; later than it may be. Each with a band in which it stays as it was. */
  readonly failsOften: boolean;
  readonly isSlow: boolean;
  /** 1, 5 and 60 minutes, to be shown. */
  readonly windows: readonly Window[];
  /** 5 minutes since it was last away, to be judged by. */
  readonly judged: Window;
  readonly lastLook?: { readonly at: number; readonly tookMs: number };
  /** Why it is not there by design. */
  readonly absent?: string;
}

const minuteMs = 60_000;
/** Long enough for a few looks, short enough to be about now. */
export const judgedMs = 5 * minuteMs;

/** One failed look changes nothing, and neither does one that went well after. */
const ofProbes: Steadiness = { downAfter: 2, upAfter: 2 };
/** Calls fail for reasons of their own: it takes more of them. */
const ofUses: Steadiness = { downAfter: 5, upAfter: 2 };
/** Of fewer no share is taken. */
const fewestFailed = 3;
const fewestTimed = 3;

export const unknownHealth = (target: Target, at: number): TargetHealth => ({
  target,
  status: 'unknown',
  since: at,
  probes: emptyLane,
  uses: emptyLane,
  failsOften: false,
  isSlow: false,
  windows: [emptyWindow(minuteMs), emptyWindow(5 * minuteMs), emptyWindow(60 * minuteMs)],
  judged: emptyWindow(judgedMs),
});

/** With what was seen. */
export function seen(health: TargetHealth, sighting: Sighting): TargetHealth {
  const { by, at, tookMs, failure } = sighting;
  const evidence = evidenceOf(sighting);
  if (evidence === 'none') return passed(health, at);
  const one = tallyOfOne(sighting, evidence === 'good');
  const told = { at, ...(failure && { failure }) };
  const { absent: _absent, ...known } = health;
  const next: TargetHealth = {
    ...known,
    ...(by === 'probe'
      ? { probes: witnessed(health.probes, evidence, { ...told, steadiness: ofProbes }), lastLook: { at, tookMs } }
      : { uses: witnessed(health.uses, evidence, { ...told, steadiness: ofUses }) }),
    windows: health.windows.map((window) => counted(window, at, one)),
    judged: counted(health.judged, at, one),
  };
  return passed(next, at);
}

/** Of something that is not there by design nothing is known, and nothing is wrong. */
export const missing = (health: TargetHealth, absent: string, at: number): TargetHealth => ({
  ...unknownHealth(health.target, health.status === 'unknown' ? health.since : at),
  absent,
});

/** As it is at this time, if nothing more was seen: what calls told long ago counts no longer. */
export function passed(health: TargetHealth, now: number): TargetHealth {
  const uses = now - health.uses.at > judgedMs ? emptyLane : health.uses;
  const tally = tallyOf(health.judged, now);
  const failsOften = isOften(health.failsOften, tally);
  const isSlow = isLate(health.isSlow, tally);
  const next = { ...health, uses, failsOften, isSlow };
  const status = statusOf(next);
  if (status === health.status) return next;
  // What failed while it was away says nothing about how it is now.
  const isBack = health.status === 'unhealthy';
  const fresh = isBack ? { judged: emptyWindow(judgedMs), failsOften: false, isSlow: false } : {};
  const after = { ...next, ...fresh };
  return { ...after, status: isBack ? statusOf(after) : status, since: now };
}

function statusOf({ probes, uses, failsOften, isSlow }: TargetHealth): Status {
  const verdicts = [probes.verdict, uses.verdict];
  if (verdicts.includes('bad')) return 'unhealthy';
  if (verdicts.includes('poor') || failsOften || isSlow) return 'degraded';
  return verdicts.includes('good') ? 'healthy' : 'unknown';
}

/** Begins above the limit, ends below half of it. */
function isOften(before: boolean, { well, failed }: Tally): boolean {
  const share = failed / Math.max(1, well + failed);
  return before ? share >= mostFailing / 2 : failed >= fewestFailed && share > mostFailing;
}

/** Begins when more than half of the answers were late, ends when less than a quarter is. */
const isLate = (before: boolean, { timed, late }: Tally): boolean =>
  before ? late >= timed / 4 && timed > 0 : timed >= fewestTimed && late > timed / 2;

function tallyOfOne({ target, operation, by, tookMs, failure }: Sighting, isGood: boolean): Tally {
  const limitMs = failure ? undefined : latencyLimit(target, operation, by);
  const isLook = limitMs !== undefined && (by === 'probe' || target.startsWith('livekit'));
  return {
    well: isGood ? 1 : 0,
    failed: isGood ? 0 : 1,
    timed: limitMs === undefined ? 0 : 1,
    late: limitMs !== undefined && tookMs > limitMs ? 1 : 0,
    looks: isLook ? 1 : 0,
    sumMs: isLook ? tookMs : 0,
    worstMs: isLook ? tookMs : 0,
  };
}

/** What is wrong with it, of whichever witness. */
export const failureIn = ({ probes, uses }: TargetHealth): Failure | undefined =>
  [probes, uses].find(({ verdict, failure }) => failure && verdict !== 'good')?.failure ??
  probes.failure ??
  uses.failure;
