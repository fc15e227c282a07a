import { expect, test } from 'vitest';
import { withPatience } from '../../src/runtime/pause.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const never = new Promise<never>(() => undefined);

test('what never ends is waited for so long and no longer', async () => {
  const clock = createVirtualClock(0);
  let over = false;
  void withPatience(never, clock, 1000).then(() => (over = true));
  await clock.advance(999);
  expect(over).toBe(false);
  await clock.advance(1);
  expect(over).toBe(true);
});

test('what ends in time is waited for, and what fails in time fails; no timer is left', async () => {
  const clock = createVirtualClock(0);
  await withPatience(Promise.resolve('done'), clock, 1000);
  await expect(withPatience(Promise.reject(new Error('refused')), clock, 1000)).rejects.toThrow('refused');
  expect(clock.pending()).toBe(0);
});
