/** Wakes one reader of something that grows. */
export interface Bell {
  readonly ring: () => void;
  readonly reset: () => void;
  readonly rung: () => Promise<void>;
  readonly release: () => void;
}

/** Remembers a ring that came while nobody waited; an abort rings too. */
export function createBell(signal: AbortSignal): Bell {
  let waiting = Promise.withResolvers<void>();
  const ring = () => waiting.resolve();
  signal.addEventListener('abort', ring);
  return {
    ring,
    reset: () => {
      if (!signal.aborted) waiting = Promise.withResolvers();
    },
    rung: () => waiting.promise,
    release: () => signal.removeEventListener('abort', ring),
  };
}
