import { availableParallelism, loadavg } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** True in `npm run suite`: everything is tried, however long it takes. */
export const wholeSuite = process.env['VOICECHART_SUITE'] === '1';

const mostTries = 3;
const mostLagMs = 250;

/**
 * A call is real time: on a machine that did not let us run for a quarter of a second, or has twice as much to do as it
 * can, a failure says nothing. Then, and only then, the test is tried again.
 */
export async function inRealTime(body: () => Promise<void>): Promise<void> {
  const leave = await takeSeat();
  try {
    await tried(body);
  } finally {
    leave();
  }
}

async function tried(body: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const lag = monitorEventLoopDelay({ resolution: 10 });
    lag.enable();
    try {
      // oxlint-disable-next-line no-await-in-loop
      return await body();
    } catch (error) {
      if (tries === mostTries || !wasBusy(lag.max / 1e6)) throw error;
      console.warn(
        `too busy for real time (${Math.round(lag.max / 1e6)} ms late, load ${loadavg()[0]}), once more:`,
        error,
      );
    } finally {
      lag.disable();
    }
  }
}

const wasBusy = (lateMs: number): boolean => lateMs > mostLagMs || loadavg()[0]! > 2 * availableParallelism();

/** Tests of one file at once: four, and fewer on a machine that has other things to do. */
const seatCount = (): number => Math.max(1, Math.round(4 - loadavg()[0]! / availableParallelism()));

const queue: (() => void)[] = [];
let seated = 0;

async function takeSeat(): Promise<() => void> {
  if (seated >= seatCount() || queue.length > 0) await new Promise<void>((resolve) => queue.push(resolve));
  seated += 1;
  return () => {
    seated -= 1;
    // More than one where the machine has less to do than before.
    for (const sit of queue.splice(0, seatCount() - seated)) sit();
  };
}
