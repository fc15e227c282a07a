import { setImmediate as nextLoop } from 'node:timers/promises';
import type { Clock } from '../../src/clock.ts';

/** A clock that stands still until it is told to move. Serves `createActor({ clock })`, actors, fakes and stores alike. */
export interface VirtualClock extends Clock {
  /** Runs every timer due within `ms`, in order of due time and then of setting, letting promises settle before, between and after. */
  advance(ms: number): Promise<void>;
  /** Lets promises and immediates settle; no time passes. */
  settle(): Promise<void>;
  /** How many timers wait. */
  pending(): number;
}

interface Timer {
  readonly dueAt: number;
  readonly run: () => void;
}

const mostTimersPerAdvance = 1_000_000;

async function settle(): Promise<void> {
  // Twice: what a promise hands to an immediate in the first loop runs in the second.
  await nextLoop();
  await nextLoop();
}

/** Starts at `startMs` (default 0). A throwing timer rejects the `advance` that ran it. */
export function createVirtualClock(startMs = 0): VirtualClock {
  let nowMs = startMs;
  let lastId = 0;
  const timers = new Map<number, Timer>();

  // Map order is the order of setting, so a strict comparison keeps it among timers of one due time.
  function takeDue(untilMs: number): Timer | undefined {
    let first: [number, Timer] | undefined;
    for (const entry of timers)
      if (entry[1].dueAt <= untilMs && (!first || entry[1].dueAt < first[1].dueAt)) first = entry;
    if (first) timers.delete(first[0]);
    return first?.[1];
  }

  return {
    now: () => nowMs,
    setTimeout(run, delayMs) {
      timers.set(++lastId, { dueAt: nowMs + Math.max(0, delayMs || 0), run });
      return lastId;
    },
    clearTimeout: (timer) => void timers.delete(timer),
    pending: () => timers.size,
    settle,
    async advance(ms) {
      const untilMs = nowMs + ms;
      await settle();
      for (let ran = 0, timer = takeDue(untilMs); timer; timer = takeDue(untilMs)) {
        if (++ran > mostTimersPerAdvance)
          throw new Error(
            `more than ${mostTimersPerAdvance} timers within ${ms} ms: does one set itself again at once?`,
          );
        nowMs = Math.max(nowMs, timer.dueAt);
        timer.run();
        // oxlint-disable-next-line no-await-in-loop
        await settle();
      }
      nowMs = Math.max(nowMs, untilMs);
    },
  };
}
