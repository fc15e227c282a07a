import type { AnyActorRef } from 'xstate';
import type { Clock } from '../../src/clock.ts';

type System = AnyActorRef['system'];

/** A clock for walks: each timer of a machine fires when the walk says so, whichever else waits, and takes the time there. */
export interface WalkClock extends Clock {
  set(nowMs: number): void;
  /** A moment passes. */
  tick(): void;
  /** Tells timers of this system's actors from those of its host. */
  serve(system: System): void;
  /** Runs the actors' timer of this name in the system's snapshot; false when none waits. */
  fire(name: string): boolean;
  /** When the actors' timer of this name in the system's snapshot is due. */
  dueAt(name: string): number | undefined;
  /** Runs what the host itself waits for. */
  pass(): void;
}

interface Timer {
  readonly id: number;
  readonly name: string | undefined;
  readonly dueAt: number;
  readonly run: () => void;
}

export function createWalkClock(): WalkClock {
  const timers = new Map<number, Timer>();
  const named = new Map<string, Timer>();
  let served: System | undefined;
  let nowMs = 0;
  let lastId = 0;

  /** A timer is in the system's list before the clock is told of it: the newest one there is this one, or the host sets it. */
  function newest(): string | undefined {
    const name = served && Object.keys(served.getSnapshot()._scheduledEvents).at(-1);
    return name === undefined || named.has(name) ? undefined : name;
  }
  function take(timer: Timer | undefined): boolean {
    if (!timer) return false;
    timers.delete(timer.id);
    if (timer.name !== undefined) named.delete(timer.name);
    return true;
  }
  function run(timer: Timer | undefined): boolean {
    if (!timer || !take(timer)) return false;
    nowMs = Math.max(nowMs, timer.dueAt);
    timer.run();
    return true;
  }

  return {
    now: () => nowMs,
    set: (ms) => void (nowMs = ms),
    tick: () => void (nowMs += 1),
    dueAt: (name) => named.get(name)?.dueAt,
    serve: (system) => void (served = system),
    setTimeout(runIt, delayMs) {
      const timer = { id: (lastId += 1), name: newest(), dueAt: nowMs + delayMs, run: runIt };
      timers.set(timer.id, timer);
      if (timer.name !== undefined) named.set(timer.name, timer);
      return timer.id;
    },
    clearTimeout: (id) => void take(timers.get(id)),
    fire: (name) => run(named.get(name)),
    pass: () => [...timers.values()].filter(({ name }) => name === undefined).forEach(run),
  };
}
