/** Tells whoever listens. Nothing is kept: who comes later has missed it. */
export interface Hub<Told> {
  tell(told: Told): void;
  /** Returns the end of listening. */
  listen(listener: (told: Told) => void): () => void;
}

/** A listener that throws harms neither the others nor whoever tells; `threw` hears of it. */
export function createHub<Told>(threw: (error: unknown) => void): Hub<Told> {
  const listeners = new Set<(told: Told) => void>();
  return {
    tell(told) {
      for (const listener of listeners) {
        try {
          listener(told);
        } catch (error) {
          threw(error);
        }
      }
    },
    listen(listener) {
      const own = (told: Told) => listener(told);
      listeners.add(own);
      return () => void listeners.delete(own);
    },
  };
}
