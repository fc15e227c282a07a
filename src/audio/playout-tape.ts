/** The audio of one turn, as it was written. Bounded: `append` takes what still fits and says how much that was. */
export interface Tape {
  append(pcm: Int16Array): number;
  /** A copy, never a view: the native side of rtc-node ignores `byteOffset`. */
  copy(from: number, samples: number): Int16Array;
  length(): number;
  /** Forgets what comes after so many samples. */
  cut(samples: number): void;
}

export function createTape(maxSamples: number): Tape {
  let store = new Int16Array(0);
  let length = 0;
  const grow = (needed: number) => {
    const larger = new Int16Array(Math.min(maxSamples, Math.max(needed, store.length * 2, 32_000)));
    larger.set(store.subarray(0, length));
    store = larger;
  };
  return {
    append(pcm) {
      const taken = Math.min(pcm.length, maxSamples - length);
      if (length + taken > store.length) grow(length + taken);
      store.set(pcm.subarray(0, taken), length);
      length += taken;
      return taken;
    },
    copy: (from, samples) => store.slice(from, Math.min(length, from + samples)),
    length: () => length,
    cut: (samples) => void (length = Math.min(length, samples)),
  };
}
