/** `0.3 s` since a moment of `performance.now()`. */
export const elapsed = (sinceMs: number): string => `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;
