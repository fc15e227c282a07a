/** Calls at once, and those that were let go without a word. */
const mostCalls = 500;

/** What a fold keeps of each call while it goes on: the oldest are forgotten at the bound. */
export interface PerCall<State> {
  of(callKey: string): State;
  forget(callKey: string): void;
}

export function perCall<State>(fresh: () => State): PerCall<State> {
  const states = new Map<string, State>();
  return {
    of(callKey) {
      const known = states.get(callKey);
      if (known !== undefined) return known;
      for (const oldest of states.keys()) if (states.size >= mostCalls) states.delete(oldest);
      const state = fresh();
      states.set(callKey, state);
      return state;
    },
    forget: (callKey) => void states.delete(callKey),
  };
}

/** Whether a state entry says that the machine is in, or under, the state whose path ends so. */
export const isIn = (active: unknown, part: string): boolean =>
  Array.isArray(active) && active.some((id) => `${String(id)}.`.includes(`.${part}.`));
