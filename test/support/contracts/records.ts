import { describe, expect, test } from 'vitest';
import type { Records } from '../../../src/runtime/records.ts';
import { createVirtualClock, type VirtualClock } from '../virtual-clock.ts';

/** What every `Records` keeps to. `open` gives the same records each time it is called with the same name. */
export function recordsContract(name: string, open: (clock: VirtualClock) => Records): void {
  const startMs = 1_800_000_000_000;
  const opened = () => {
    const clock = createVirtualClock(startMs);
    return { clock, records: open(clock) };
  };

  describe(`${name} as Records`, () => {
    test('keeps a text under a name, with when it was written', async () => {
      const { clock, records } = opened();
      expect([await records.get('a'), await records.names()]).toEqual([undefined, []]);
      await records.put('a', 'eins\n');
      await clock.advance(1_500);
      await records.put('b-_9', 'zwei');
      expect(await records.get('a')).toEqual({ text: 'eins\n', at: startMs });
      expect(await records.get('b-_9')).toEqual({ text: 'zwei', at: startMs + 1_500 });
      expect((await records.names()).toSorted()).toEqual(['a', 'b-_9']);
      await records.put('a', 'drei');
      expect(await records.get('a')).toEqual({ text: 'drei', at: startMs + 1_500 });
    });

    test('of many who add at once one does, and the others change nothing', async () => {
      const { records } = opened();
      const added = await Promise.all(Array.from({ length: 20 }, (_, index) => records.add('a', `text ${index}`)));
      const winner = added.indexOf(true);
      expect(added.filter(Boolean)).toHaveLength(1);
      expect(await records.get('a')).toMatchObject({ text: `text ${winner}` });
    });

    test('of many who remove at once one does', async () => {
      const { records } = opened();
      await records.put('a', 'x');
      const removed = await Promise.all(Array.from({ length: 20 }, () => records.remove('a')));
      expect(removed.filter(Boolean)).toHaveLength(1);
      expect([await records.get('a'), await records.remove('a')]).toEqual([undefined, false]);
    });

    test('sweeps what was last written before a moment', async () => {
      const { clock, records } = opened();
      await records.put('old', 'x');
      await records.put('renewed', 'x');
      await clock.advance(1_000);
      await records.put('renewed', 'y');
      expect(await records.sweep(clock.now())).toBe(1);
      expect(await records.names()).toEqual(['renewed']);
    });
  });
}
