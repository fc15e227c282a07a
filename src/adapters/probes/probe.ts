import type { Glance, Probe } from '../../actors/probe.ts';
import type { Clock } from '../../clock.ts';
import type { Failure, FailureClass } from '../../failure.ts';
import type { Secret } from '../../secret.ts';
import type { Target } from '../../targets.ts';
import { classifyErrno, errnoOf, failureOf } from '../classify.ts';

export interface ProbeOptions {
  readonly target: Target;
  readonly operation: string;
  /** What failures call the other side. */
  readonly vendor: string;
  readonly clock: Clock;
  readonly withinMs?: number;
  /** Of all its failures, whatever they look like. */
  readonly class?: FailureClass;
  /** Must not be in what a failure says. */
  readonly secrets?: readonly Secret[];
  /**
   * Resolves with what there is to say beside that it was well; a `tookMs` where a part of it alone counts. What it rejects with is
   * taken for a broken connection. The signal aborts when nobody waits any more.
   */
  ask(signal: AbortSignal): Promise<Partial<Glance>>;
}

/** Longer than a healthy one takes by far, and short enough for a person who waits. */
const usuallyWithinMs = 5000;

/** A probe with a time limit, its own stopwatch, and words without secrets. */
export function createProbe(options: ProbeOptions): Probe {
  const { target, operation, vendor, clock, withinMs = usuallyWithinMs, secrets = [], ask, ...own } = options;
  const clean = (failure: Failure): Failure => ({
    ...failure,
    ...(own.class && { class: own.class }),
    message: secrets.reduce((text, secret) => secret.hideIn(text), failure.message),
  });
  const broken = (error: unknown) => ({
    failure: classifyErrno({ vendor, phase: 'connect', message: messageOf(error), errno: errnoOf(error) }),
  });
  const late = {
    failure: failureOf('stall', { vendor, phase: 'rest', message: `no answer within ${withinMs / 1000} s` }),
  };

  return {
    target,
    operation,
    async look(signal) {
      const stop = new AbortController();
      const both = AbortSignal.any([signal, stop.signal]);
      const over = Promise.withResolvers<Partial<Glance>>();
      both.addEventListener('abort', () => over.resolve(late), { once: true });
      const timer = clock.setTimeout(() => stop.abort(), withinMs);
      const askedAt = clock.now();
      const asking = signal.aborted ? Promise.resolve(late) : ask(both).catch(broken);
      const came: Partial<Glance> = await Promise.race([asking, over.promise]);
      const tookMs = clock.now() - askedAt;
      clock.clearTimeout(timer);
      stop.abort();
      return { tookMs, ...came, ...(came.failure && { failure: clean(came.failure) }) };
    },
  };
}

/** Of an error whose reason stands in its cause, both. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, cause } = error;
  return [message, cause instanceof Error ? cause.message : ''].filter(Boolean).join(': ') || error.name;
}
