import type { Clock } from '../../clock.ts';
import { keepRepeatsMs, mostRepeats, type RepeatStore } from '../../runtime/repeat-store.ts';

/** For tests, and for instances without a disk. */
export function createMemoryRepeats(clock: Clock): RepeatStore {
  const kept = new Map<string, { readonly record: string; readonly until: number }>();
  const put = (name: string, record: string) => kept.set(name, { record, until: clock.now() + keepRepeatsMs });
  return {
    async take(name, record) {
      const there = kept.get(name);
      if (there && there.until > clock.now()) return { taken: false, record: there.record };
      for (const [old, { until }] of kept) if (until <= clock.now()) kept.delete(old);
      if (kept.size >= mostRepeats) return 'full';
      put(name, record);
      return { taken: true };
    },
    keep: async (name, record) => void put(name, record),
    free: async (name) => void kept.delete(name),
  };
}
