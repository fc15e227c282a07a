import type { Clock } from '../../clock.ts';
import type { Kept, Records } from '../../runtime/records.ts';

/** Of this process alone, until it ends. */
export function createMemoryRecords(clock: Pick<Clock, 'now'>): Records {
  const kept = new Map<string, Kept>();
  const put = (name: string, text: string): void => void kept.set(name, { text, at: clock.now() });
  return {
    get: async (name) => kept.get(name),
    async add(name, text) {
      if (kept.has(name)) return false;
      put(name, text);
      return true;
    },
    put: async (name, text) => put(name, text),
    remove: async (name) => kept.delete(name),
    names: async () => [...kept.keys()],
    async sweep(before) {
      for (const [name, { at }] of kept) if (at < before) kept.delete(name);
      return kept.size;
    },
  };
}
