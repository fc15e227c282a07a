import { expect, test } from 'vitest';
import { createRandom } from '../../../emulators/kit/random.ts';
import { planOf, strikeKinds } from '../../../tools/chaos/strikes.ts';

const planFor = (seed: string, durationMs: number) => planOf(createRandom(seed), durationMs);

test('D9.2 what chaos does follows from its seed', () => {
  expect(planFor('a', 300_000)).toEqual(planFor('a', 300_000));
  expect(planFor('a', 300_000)).not.toEqual(planFor('b', 300_000));
});

test('every kind is done before one is done again', () => {
  const kinds = planFor('a', 600_000).map(({ kind }) => kind);
  expect(kinds.length).toBeGreaterThan(2 * strikeKinds.length);
  for (let from = 0; from + strikeKinds.length <= kinds.length; from += strikeKinds.length)
    expect(new Set(kinds.slice(from, from + strikeKinds.length)).size).toBe(strikeKinds.length);
});

test('strikes come some time apart, and none before callers are on the line', () => {
  const times = planFor('c', 600_000).map(({ atMs }) => atMs);
  expect(times[0]).toBe(8_000);
  for (const [index, atMs] of times.slice(1).entries()) expect(atMs - times[index]!).toBeGreaterThanOrEqual(6_999);
});
