import * as fc from '../../support/properties.ts';
import { expect, test } from 'vitest';
import { createLimiter } from '../../../src/adapters/livekit/api/limiter.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

/** Takes that many at once, and notes when each was let go. */
function takeMany(count: number, perSecond: number) {
  const clock = createVirtualClock();
  const limiter = createLimiter({ perSecond, clock });
  const letGo: number[] = [];
  const refused: number[] = [];
  for (let at = 0; at < count; at += 1)
    void limiter.take().then((waitMs) => (waitMs === undefined ? letGo.push(clock.now()) : refused.push(waitMs)));
  return { clock, limiter, letGo, refused };
}

test('after a rest a second’s worth goes at once, the others in turn', async () => {
  const { clock, letGo } = takeMany(20, 16);
  await clock.settle();
  expect(letGo).toHaveLength(16);
  await clock.advance(250);
  expect(letGo.slice(16)).toEqual([63, 125, 188, 250]);
});

test('who would wait longer than 5 s is refused at once and told how long', async () => {
  const { clock, letGo, refused } = takeMany(16 + 80 + 3, 16);
  await clock.settle();
  expect(refused).toEqual([5063, 5063, 5063]);
  await clock.advance(5000);
  expect(letGo).toHaveLength(96);
});

test('a rest makes no more than a second’s worth good', async () => {
  const { clock, limiter } = takeMany(16, 16);
  await clock.advance(60_000);
  let more = 0;
  for (let at = 0; at < 20; at += 1) void limiter.take().then(() => (more += 1));
  await clock.settle();
  expect(more).toBe(16);
});

test('in no second are more than two seconds’ worth let go, however they come', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(400), { maxLength: 90 }), async (gapsMs) => {
      const { clock, limiter, letGo } = takeMany(0, 16);
      for (const gapMs of gapsMs) {
        await clock.advance(gapMs);
        void limiter.take().then((waitMs) => waitMs === undefined && letGo.push(clock.now()));
      }
      await clock.advance(10_000);
      expect(letGo).toHaveLength(gapsMs.length);
      for (const from of letGo)
        expect(letGo.filter((at) => at >= from && at < from + 1000).length).toBeLessThanOrEqual(32);
    }),
    { numRuns: 50 },
  );
});
