/** The gateway passes one key to the caller in this time, */
const keyMs = 540;
/** and holds this many, the one on its way included. One more is lost. */
const mostKeys = 4;

/** Keys from the room on their way to the caller: `place` gives the delay until the key is heard, or nothing for one that is lost. */
export function createKeyQueue(now: () => number): { place(): number | undefined } {
  let freeMs = 0;
  return {
    place() {
      const nowMs = now();
      const delayMs = Math.max(0, freeMs - nowMs);
      if (delayMs > (mostKeys - 1) * keyMs) return undefined;
      freeMs = nowMs + delayMs + keyMs;
      return delayMs;
    },
  };
}
