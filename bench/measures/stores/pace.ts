import { setTimeout as delay } from 'node:timers/promises';

export const perSecond = 2_000;
export const seconds = 5;
/** The calls that the events are of, in turn. */
export const calls = 500;

const everyMs = 5;

/** Begins so many a second as are asked for, whether or not the last ones are done; gives what each one gives. */
export async function paced<Result>(
  one: (n: number, dueAt: number) => Promise<Result>,
  { each = perSecond, count = perSecond * seconds } = {},
): Promise<readonly Result[]> {
  const all: Promise<Result>[] = [];
  const beganAt = performance.now();
  for (let n = 0; n < count;) {
    const due = Math.floor(((performance.now() - beganAt) / 1000) * each);
    for (; n < Math.min(due, count); n += 1) all.push(one(n, beganAt + (n / each) * 1000));
    // oxlint-disable-next-line no-await-in-loop -- the pace
    await delay(everyMs);
  }
  return Promise.all(all);
}
