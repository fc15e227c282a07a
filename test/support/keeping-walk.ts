import type { AnyMachineSnapshot } from 'xstate';
import type { KeepingInput } from '../../src/machines/keeping/keeping.machine.ts';
import type { Event } from './tour.ts';

/** Something is there to write, somebody waits for it, and what may become of a writing. */
export const keepingEvents = (): Event[] =>
  ['keep.asked', 'keep.hurried', 'keep.kept', 'keep.failed', 'keep.over'].map((type) => ({ type, at: 0 }));

/** A store that is written to as often as there is something, and one that is not. */
export const keepingWalks: readonly KeepingInput[] = [
  { spacedMs: 0, retryMs: [1000, 5000] },
  { spacedMs: 100, retryMs: [1000, 5000] },
];

/** Failures tell the pause alone, of which two are known here. */
export const keepingFacts = (state: AnyMachineSnapshot): unknown => Math.min(state.context.failures, 2);
