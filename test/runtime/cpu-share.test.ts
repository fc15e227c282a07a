import { expect, test } from 'vitest';
import { createCpuShare } from '../../src/runtime/cpu-share.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

test('D9.1 what an instance and its processes use is a share of the processors, as it was in the last half second', async () => {
  const clock = createVirtualClock(0);
  const own = { ms: 5000 };
  const share = createCpuShare({ clock, cores: 2, ownMs: () => own.ms });
  share.note(7, 900);
  await clock.advance(1000);
  own.ms += 500;
  share.note(7, 1400);
  expect(share.read()).toBe(0.5);
  own.ms += 9000;
  await clock.advance(100);
  expect(share.read()).toBe(0.5);
  await clock.advance(400);
  expect(share.read()).toBe(1);
  await clock.advance(1000);
  expect(share.read()).toBe(0);
});
