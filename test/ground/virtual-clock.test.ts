import { expect, test } from 'vitest';
import { createVirtualClock } from '../support/virtual-clock.ts';

test('runs timers in order of due time, then of setting, and stops at the asked moment', async () => {
  const clock = createVirtualClock(1_000);
  const ran: string[] = [];
  const note = (name: string) => () => ran.push(`${name}@${clock.now()}`);
  clock.setTimeout(note('late'), 30);
  clock.setTimeout(note('first'), 10);
  clock.setTimeout(note('second'), 10);
  clock.setTimeout(note('never'), 31);
  await clock.advance(30);
  expect(ran).toEqual(['first@1010', 'second@1010', 'late@1030']);
  expect(clock.now()).toBe(1_030);
  expect(clock.pending()).toBe(1);
});

test('lets promises settle between timers, so that a chain set while advancing runs at its own times', async () => {
  const clock = createVirtualClock();
  const ran: number[] = [];
  const wait = (ms: number) => new Promise<void>((resolve) => void clock.setTimeout(resolve, ms));
  async function chain(): Promise<void> {
    for (let step = 0; step < 3; step += 1) {
      // oxlint-disable-next-line no-await-in-loop
      await wait(10);
      ran.push(clock.now());
    }
  }
  const done = chain();
  await clock.advance(100);
  await done;
  expect(ran).toEqual([10, 20, 30]);
});

test('a cleared timer never runs, also when cleared by one due at the same moment', async () => {
  const clock = createVirtualClock();
  const ran: string[] = [];
  clock.setTimeout(() => clock.clearTimeout(second), 5);
  const second = clock.setTimeout(() => ran.push('cleared'), 5);
  await clock.advance(10);
  expect(ran).toEqual([]);
});

test('a throwing timer is told to the one who advances', async () => {
  const clock = createVirtualClock();
  clock.setTimeout(() => {
    throw new Error('boom');
  }, 1);
  await expect(clock.advance(1)).rejects.toThrow('boom');
});
