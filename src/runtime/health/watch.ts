import type { Glance, Probe } from '../../actors/probe.ts';
import type { Clock, TimerId } from '../../clock.ts';
import type { Failure } from '../../failure.ts';
import type { Target } from '../../targets.ts';
import type { Hub } from '../hub.ts';
import type { Sighting, StatusChange } from '../notices.ts';
import { failureIn, missing, passed, seen, type TargetHealth, unknownHealth } from './target-health.ts';
import { type HealthView, healthView } from './view.ts';

export interface HealthWatchOptions {
  readonly probes: readonly Probe[];
  /** What calls and operators saw; what probes see is told there too. */
  readonly sightings: Hub<Sighting>;
  /** Told of each change. */
  readonly statuses: Pick<Hub<StatusChange>, 'tell'>;
  readonly clock: Clock;
  /** From 0 to below 1. */
  readonly random: () => number;
}

export interface HealthWatch {
  view(): HealthView;
  /** Told after each look, and whenever a status changed. Returns the end of it. */
  watch(changed: () => void): () => void;
  /** Ends what looks are under way. Idempotent. */
  close(): Promise<void>;
}

/** SPEC D5.1. Several instances look each for itself; the jitter keeps them apart. */
const everyMs = 60_000;
/** Of what is not well, so that its coming back is soon seen. */
const illEveryMs = 15_000;
/** To be certain, and after an alarm from calls: never more often, whatever happens. */
const leastMs = 5_000;
const jitter = 0.1;
/** At the start not all at once. */
const firstWithinMs = 1_000;

/** Looks at each target by itself, and folds what it and others see. */
export function createHealthWatch(options: HealthWatchOptions): HealthWatch {
  const { probes, sightings, statuses, clock, random } = options;
  const healths = new Map<Target, TargetHealth>(
    probes.map(({ target }) => [target, unknownHealth(target, clock.now())]),
  );
  const watchers = new Set<() => void>();
  const stop = new AbortController();
  const tellWatchers = () => watchers.forEach((changed) => changed());
  const rounds = new Map(probes.map((probe) => [probe.target, createRound(probe)]));

  function keep(target: Target, change: (health: TargetHealth) => TargetHealth): void {
    const before = healths.get(target);
    if (!before) return;
    const after = change(before);
    healths.set(target, after);
    if (after.status === before.status) return;
    if (after.status !== 'unknown' || after.absent !== undefined)
      statuses.tell({ ...changeOf(after), from: before.status });
    tellWatchers();
  }

  const ended = sightings.listen((sighting) => {
    if (sighting.elsewhere) return;
    keep(sighting.target, (health) => seen(health, sighting));
    if (sighting.by === 'use' && sighting.failure) rounds.get(sighting.target)?.hurry();
  });

  function createRound(probe: Probe) {
    let timer: TimerId;
    let begunAt = clock.now() - leastMs;
    let looking: Promise<void> | undefined;
    let wasThere = false;
    const inMs = (ms: number): void => {
      clock.clearTimeout(timer);
      timer = clock.setTimeout(() => void (looking = look()), ms);
    };
    const look = async (): Promise<void> => {
      begunAt = clock.now();
      const glance = await probe.look(stop.signal);
      looking = undefined;
      if (stop.signal.aborted) return;
      take(probe, glance);
      inMs(jittered(pauseAfter(healths.get(probe.target))));
      tellWatchers();
    };
    const take = ({ target, operation }: Probe, { tookMs, failure, absent }: Glance): void => {
      const at = clock.now();
      wasThere ||= !failure && absent === undefined;
      if (absent !== undefined && !wasThere) return keep(target, (health) => missing(health, absent, at));
      const lacking = failure ?? (absent === undefined ? undefined : lost(target, absent));
      sightings.tell({ target, by: 'probe', at, tookMs, operation, ...(lacking && { failure: lacking }) });
    };
    inMs(random() * firstWithinMs);
    return {
      /** Looks as soon as it may. */
      hurry: () => void (looking || stop.signal.aborted || inMs(Math.max(0, begunAt + leastMs - clock.now()))),
      async close() {
        clock.clearTimeout(timer);
        await looking;
      },
    };
  }

  const jittered = (ms: number): number => ms * (1 + jitter * (2 * random() - 1));

  return {
    view() {
      const now = clock.now();
      for (const target of healths.keys()) keep(target, (health) => passed(health, now));
      return healthView([...healths.values()], now);
    },
    watch(changed) {
      const own = (): void => changed();
      watchers.add(own);
      return () => void watchers.delete(own);
    },
    async close() {
      ended();
      stop.abort();
      await Promise.all([...rounds.values()].map((round) => round.close()));
    },
  };
}

/** It was there before. */
const lost = (vendor: Target, message: string): Failure => ({
  vendor,
  phase: 'rest',
  class: 'api',
  sub: 'config',
  retryable: false,
  message: `${message} any more`,
});

/** What is being found out is looked at again soon. */
function pauseAfter(health: TargetHealth | undefined): number {
  if (!health) return everyMs;
  const { probes, status } = health;
  const isOpen = probes.verdict !== probes.last && probes.last !== 'none';
  return isOpen ? leastMs : status === 'unhealthy' || status === 'degraded' ? illEveryMs : everyMs;
}

function changeOf(health: TargetHealth): Omit<StatusChange, 'from'> {
  const { target, since: at } = health;
  // Of what is not there by design nothing is wrong.
  const status = health.status === 'unknown' ? 'healthy' : health.status;
  const failure = status === 'healthy' ? undefined : failureIn(health);
  const inCalls = status === 'unhealthy' && health.probes.verdict !== 'bad';
  return { target, status, at, ...(failure && { failure }), ...(inCalls && { inCalls }) };
}
