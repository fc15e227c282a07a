import { expect, it } from 'vitest';
import { createTally } from '../../../src/runtime/security/tally.ts';
import * as fc from '../../support/properties.ts';

const step = fc.record({ source: fc.constantFrom('a', 'b', 'c'), waitMs: fc.integer({ min: 0, max: 400 }) });

it('R8.5 property: tells exactly when so many came within the window, each source by itself', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), fc.integer({ min: 1, max: 5 }), (steps, most) => {
      let now = 0;
      const tally = createTally({ most, withinMs: 1000, mostSources: 10, clock: { now: () => now } });
      const since: Record<string, number[]> = { a: [], b: [], c: [] };
      for (const { source, waitMs } of steps) {
        now += waitMs;
        const lately = [...since[source]!, now].filter((at) => now - at < 1000);
        const expected = lately.length >= most;
        since[source] = expected ? [] : lately;
        expect(tally.reaches(source)).toBe(expected);
      }
    }),
  );
});

it('R8.5 property: however many sources there are, only so many are remembered, and the newest of them', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 120 }), (sources) => {
      const tally = createTally({ most: 2, withinMs: 1000, mostSources: 8, clock: { now: () => 0 } });
      let remembered: number[] = [];
      for (const source of sources) {
        const isKnown = remembered.includes(source);
        expect(tally.reaches(String(source))).toBe(isKnown);
        remembered = remembered.filter((each) => each !== source);
        if (!isKnown) remembered = [...remembered, source].slice(-8);
        expect(tally.size()).toBe(remembered.length);
      }
    }),
  );
});
