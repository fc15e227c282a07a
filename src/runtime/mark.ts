/** A number that only grows, and those who wait for it. */
export interface Mark {
  reach(value: number): void;
  /** Resolves when the number is reached; rejects when `signal` aborts. */
  reached(value: number, signal: AbortSignal): Promise<void>;
}

export function createMark(): Mark {
  const waiting = new Set<{ readonly value: number; readonly resolve: () => void }>();
  let highest = 0;
  return {
    reach(value) {
      highest = Math.max(highest, value);
      for (const each of waiting) if (each.value <= highest) each.resolve();
    },
    reached(value, signal) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      if (value <= highest) return Promise.resolve();
      const each = { value, resolve };
      const give = () => reject(signal.reason as Error);
      waiting.add(each);
      signal.addEventListener('abort', give, { once: true });
      return promise.finally(() => {
        waiting.delete(each);
        signal.removeEventListener('abort', give);
      });
    },
  };
}
