import type { Clock } from '../../clock.ts';
import { createBell } from '../bell.ts';
import { pause } from '../pause.ts';
import type { HealthView } from './view.ts';
import type { HealthWatch } from './watch.ts';

/** The whole view, numbered for whoever reads it as a stream. */
export type HealthEntry = HealthView & { readonly seq: number };

/** A slow reader, or a storm of changes, costs one view a second and nothing more. */
const leastMs = 1_000;

/** The view as it is, and after each change as it is then. Ends when `signal` aborts. */
export async function* followHealth(
  watch: Pick<HealthWatch, 'view' | 'watch'>,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): AsyncGenerator<HealthEntry, void, undefined> {
  const bell = createBell(signal);
  const unwatch = watch.watch(bell.ring);
  try {
    for (let seq = 1; !signal.aborted; seq += 1) {
      bell.reset();
      yield { ...watch.view(), seq };
      await pause(clock, leastMs, signal);
      await bell.rung();
    }
  } finally {
    unwatch();
    bell.release();
  }
}
