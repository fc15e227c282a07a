import { createActor, type SnapshotFrom } from 'xstate';
import { keep, type Kept } from '../actors/keep.ts';
import type { Clock } from '../clock.ts';
import { createKeeping, type KeepingInput, type KeepingMachine } from '../machines/keeping/keeping.machine.ts';

/** Writes something until it is written, however long the store is away; the newest counts, and one writing runs at a time. */
export interface Keeper {
  /** There is something new to write. */
  ask(): void;
  /** Hurries, and resolves when everything asked for so far is written; false when it could not be at once: it is tried again. */
  done(): Promise<boolean>;
  /** Resolves when everything asked for is written, however long that takes; false once nothing will be written any more. */
  kept(): Promise<boolean>;
  /** Nothing is tried any more. */
  stop(): void;
}

export interface KeeperOptions extends KeepingInput {
  readonly write: () => Promise<Kept>;
  readonly clock: Clock;
}

export const createKeeper = ({ write, clock, spacedMs, retryMs }: KeeperOptions): Keeper =>
  keeperOf(createKeeping({ write: keep(write, clock) }), clock, { spacedMs, retryMs });

/** Asks, and waits until it is written, or will not be: `signal` aborted, or it is over. Nothing is tried after that. */
export async function keptOnce(keeper: Keeper, signal: AbortSignal): Promise<void> {
  signal.addEventListener('abort', keeper.stop);
  if (!signal.aborted) keeper.ask();
  await keeper.kept();
  signal.removeEventListener('abort', keeper.stop);
  keeper.stop();
}

/** The keeper that has this machine. */
export function keeperOf(machine: KeepingMachine, clock: Clock, input: KeepingInput): Keeper {
  const actor = createActor(machine, { clock, input });
  const once: Asked = new Set();
  const lasting: Asked = new Set();
  actor.subscribe({
    next(state) {
      if (state.matches('clean')) answer(true, once, lasting);
      if (isOwing(state)) answer(false, once);
    },
    error: () => answer(false, once, lasting),
    complete: () => answer(false, once, lasting),
  });
  actor.start();
  const isOver = () => actor.getSnapshot().status !== 'active';
  return {
    ask() {
      if (isOver()) return;
      actor.send({ type: 'keep.asked' });
      // Who waits does not wait for what comes meanwhile, either.
      if (once.size > 0) actor.send({ type: 'keep.hurried' });
    },
    async done() {
      const state = actor.getSnapshot();
      if (state.matches('clean')) return true;
      if (isOwing(state) || isOver()) return false;
      actor.send({ type: 'keep.hurried' });
      return new Promise((resolve) => void once.add(resolve));
    },
    async kept() {
      if (actor.getSnapshot().matches('clean')) return true;
      return isOver() ? false : new Promise((resolve) => void lasting.add(resolve));
    },
    stop: () => void actor.stop(),
  };
}

/** It could not be written, or takes too long. */
const isOwing = (state: SnapshotFrom<KeepingMachine>): boolean =>
  state.matches('waiting') || state.matches({ writing: 'late' });

type Asked = Set<(good: boolean) => void>;

function answer(good: boolean, ...asked: readonly Asked[]): void {
  for (const each of asked) {
    const answered = [...each];
    each.clear();
    for (const resolve of answered) resolve(good);
  }
}
