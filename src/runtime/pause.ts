import type { Clock } from '../clock.ts';

/** Resolves after so many ms, or when `signal` aborts. */
export function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clock.clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = clock.setTimeout(end, ms);
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
  });
}

/** Waits for the work, and no longer than so many ms for what may never end. Rejects with the work, where that is in time. */
export async function withPatience(work: Promise<unknown>, clock: Clock, ms: number): Promise<void> {
  const over = new AbortController();
  try {
    await Promise.race([work, pause(clock, ms, over.signal)]);
  } finally {
    over.abort();
  }
}
