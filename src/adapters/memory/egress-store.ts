import { egressListLimit } from '../../runtime/egress-store.ts';
import type { EgressRecord, EgressStore, KeptEgress } from '../../runtime/egress-store.ts';

/** An `EgressStore` that lasts as long as the process. */
export function createMemoryEgresses(): EgressStore {
  /** JSON texts by id; the order of a map is that of first entries. */
  const kept = new Map<string, { readonly position: number; readonly text: string }>();
  const all = (): KeptEgress[] =>
    [...kept.values()].map(({ position, text }) => ({ ...(JSON.parse(text) as EgressRecord), position }));

  return {
    async put(record) {
      const { id, callKey } = record;
      if (all().find((each) => each.id === id)?.over) return 'stored';
      if (callKey !== undefined && all().some((each) => each.callKey === callKey && each.id !== id)) return 'taken';
      kept.set(id, { position: kept.get(id)?.position ?? kept.size + 1, text: JSON.stringify(record) });
      return 'stored';
    },
    get: async (id) => all().find((each) => each.id === id),
    ofCall: async (callKey) => all().find((each) => each.callKey === callKey),
    open: async () => all().filter(({ over }) => !over),
    list: async ({ limit, before = Infinity }) =>
      all()
        .filter(({ position }) => position < before)
        .toReversed()
        .slice(0, Math.min(limit, egressListLimit)),
  };
}
