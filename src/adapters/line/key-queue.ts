import type { Clock } from '../../clock.ts';
import type { Failure } from '../../failure.ts';
import { failureOf } from '../classify.ts';

/** One key lasts that long at a gateway; of keys sent faster some are lost. */
const keyEveryMs = 540;
/** As many as one wish may hold. */
const mostKeys = 32;

export interface KeyQueueOptions {
  readonly clock: Clock;
  /** What failures call this vendor. */
  readonly vendor: string;
  /** Presses one key; may reject. */
  readonly press: (key: string) => Promise<void>;
  readonly failureOf: (error: unknown) => Failure;
}

/** Presses the keys of a line one after the other, wish by wish. Resolves when a wish is done; a failure is the value. */
export function createKeyQueue(options: KeyQueueOptions): (keys: string) => Promise<Failure | undefined> {
  const { clock, vendor, press } = options;
  const pause = () => new Promise<void>((resolve) => void clock.setTimeout(resolve, keyEveryMs));
  let waiting = 0;
  let line: Promise<unknown> = Promise.resolve();

  async function pressAll(keys: string): Promise<Failure | undefined> {
    for (const [index, key] of [...keys].entries())
      try {
        // oxlint-disable-next-line no-await-in-loop
        if (index > 0) await pause();
        // oxlint-disable-next-line no-await-in-loop
        await press(key);
      } catch (error) {
        const failure = options.failureOf(error);
        return { ...failure, message: `${index} of ${keys.length} keys were pressed: ${failure.message}` };
      }
    return undefined;
  }

  return (keys) => {
    if (waiting + keys.length > mostKeys) {
      const message = `too many keys at once: ${waiting} wait already`;
      return Promise.resolve(failureOf('rate', { vendor, phase: 'stream', message }));
    }
    waiting += keys.length;
    const pressed = line.then(() => pressAll(keys)).finally(() => (waiting -= keys.length));
    line = pressed.then(pause);
    return pressed;
  };
}
