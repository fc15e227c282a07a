/** Time by argument. One clock serves machines (`createActor({ clock })`), actors, fakes and stores. Milliseconds. */
export interface Clock {
  now(): number;
  setTimeout(run: () => void, delayMs: number): TimerId;
  clearTimeout(timer: TimerId): void;
}

/** Opaque: whatever the clock gave out. `any` because XState's own clock type says so. */
// oxlint-disable-next-line typescript/no-explicit-any
export type TimerId = any;

/** The wall clock. Only `main`, `wiring` and tools may make one. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (run, delayMs) => setTimeout(run, delayMs),
  clearTimeout: (timer) => clearTimeout(timer),
};
