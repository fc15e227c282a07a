import { expect, test } from 'vitest';
import { createBreaker, type Sign } from '../../../src/adapters/livekit/api/breaker.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

function bench() {
  const clock = createVirtualClock();
  const breaker = createBreaker(clock);
  const see = (...signs: readonly Sign[]) => signs.forEach((sign) => breaker.saw(sign));
  return { clock, breaker, see };
}

const outages = (count: number): Sign[] => Array.from({ length: count }, () => 'outage');

test('lets nothing through after five outages in a row, and says for how long', async () => {
  const { clock, breaker, see } = bench();
  see(...outages(4));
  expect(breaker.enter()).toBeUndefined();
  see('outage');
  expect(breaker.enter()).toBe(2000);
  await clock.advance(1500);
  expect(breaker.enter()).toBe(500);
});

test('one answer between them, and it counts anew; no evidence counts neither way', () => {
  const { breaker, see } = bench();
  see(...outages(4), 'alive', ...outages(4), 'unknown');
  expect(breaker.enter()).toBeUndefined();
  see('outage');
  expect(breaker.enter()).toBe(2000);
});

test('after the rest one request tries; its answer opens the way for all, its failure starts another rest', async () => {
  const { clock, breaker, see } = bench();
  see(...outages(5));
  await clock.advance(2000);
  expect([breaker.enter(), breaker.enter()]).toEqual([undefined, 2000]);
  see('outage');
  expect(breaker.enter()).toBe(2000);
  await clock.advance(2000);
  expect(breaker.enter()).toBeUndefined();
  see('alive');
  expect([breaker.enter(), breaker.enter()]).toEqual([undefined, undefined]);
});

test('a try that proves nothing leaves the next one to try', async () => {
  const { clock, breaker, see } = bench();
  see(...outages(5));
  await clock.advance(2000);
  breaker.enter();
  see('unknown');
  expect([breaker.enter(), breaker.enter()]).toEqual([undefined, 2000]);
});

test('late failures of requests that were sent before do not lengthen the rest', async () => {
  const { clock, breaker, see } = bench();
  see(...outages(5));
  await clock.advance(1999);
  see('outage');
  expect(breaker.enter()).toBe(1);
});
