import { createActor } from 'xstate';
import { keep, type Kept } from '../actors/keep.ts';
import type { Clock } from '../clock.ts';
import { createKeeping, type KeepingInput } from '../machines/keeping/keeping.machine.ts';

/** Writes something until it is written, however long the store is away; the newest counts, and one writing runs at a time. */
export interface Keeper {
  /** There is something new to write. */
  ask(): void;
  /** Resolves when everything asked for so far is written; false when it could not be at once: it is tried again. */
  done(): Promise<boolean>;
  /** Nothing is tried any more; `done` answers false. */
  stop(): void;
}

export interface KeeperOptions extends KeepingInput {
  readonly write: () => Promise<Kept>;
  readonly clock: Clock;
}

export function createKeeper({ write, clock, spacedMs, retryMs }: KeeperOptions): Keeper {
  const machine = createKeeping({ write: keep(write, clock) });
  const actor = createActor(machine, { clock, input: { spacedMs, retryMs } });
  let waiting: ((good: boolean) => void)[] = [];
  function answer(good: boolean): void {
    const answered = waiting;
    waiting = [];
    for (const resolve of answered) resolve(good);
  }
  actor.subscribe({
    next(state) {
      if (state.matches('clean')) answer(true);
      if (state.matches('waiting')) answer(false);
    },
    error: () => answer(false),
    complete: () => answer(false),
  });
  actor.start();
  return {
    ask: () => void (actor.getSnapshot().status === 'active' && actor.send({ type: 'keep.asked' })),
    async done() {
      const state = actor.getSnapshot();
      if (state.matches('clean')) return true;
      if (state.matches('waiting') || state.status !== 'active') return false;
      return new Promise((resolve) => void waiting.push(resolve));
    },
    stop: () => void actor.stop(),
  };
}
