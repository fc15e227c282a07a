/** Who wants to be woken about which call, within this process. */
export interface Watchers {
  add(callKey: string, wake: () => void): () => void;
  wake(callKey: string): void;
}

export function createWatchers(): Watchers {
  const byCall = new Map<string, Set<() => void>>();
  return {
    add(callKey, wake) {
      const watching = byCall.get(callKey) ?? new Set();
      const own = () => wake();
      byCall.set(callKey, watching.add(own));
      return () => {
        watching.delete(own);
        if (watching.size === 0 && byCall.get(callKey) === watching) byCall.delete(callKey);
      };
    },
    wake: (callKey) => byCall.get(callKey)?.forEach((wake) => wake()),
  };
}
