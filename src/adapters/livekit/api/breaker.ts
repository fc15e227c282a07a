import type { Clock } from '../../../clock.ts';

/** What an answer, or none, said about the server: `unknown` is no evidence either way. */
export type Sign = 'alive' | 'outage' | 'unknown';

type State =
  | { readonly is: 'closed'; readonly outages: number }
  | { readonly is: 'open'; readonly untilMs: number }
  | { readonly is: 'probing' };

export interface Breaker {
  /** Nothing: go ahead, and tell `saw` how it went. Else the milliseconds after which one request may try. */
  enter(): number | undefined;
  saw(sign: Sign): void;
}

/** After so many outages in a row nothing is sent. */
const mostOutages = 5;
const restMs = 2000;

/** While a server is down its callers learn so at once; one request after each rest finds out whether it is back. */
export function createBreaker(clock: Clock): Breaker {
  let state: State = { is: 'closed', outages: 0 };
  return {
    enter() {
      if (state.is === 'closed') return undefined;
      if (state.is === 'probing') return restMs;
      if (state.untilMs > clock.now()) return state.untilMs - clock.now();
      state = { is: 'probing' };
      return undefined;
    },
    saw(sign) {
      state = after(state, sign, clock.now());
    },
  };
}

function after(state: State, sign: Sign, nowMs: number): State {
  if (sign === 'alive') return { is: 'closed', outages: 0 };
  // No evidence from a probe: the next request is a probe again.
  if (sign === 'unknown') return state.is === 'probing' ? { is: 'open', untilMs: nowMs } : state;
  if (state.is === 'open') return state;
  const outages = state.is === 'closed' ? state.outages + 1 : mostOutages;
  return outages < mostOutages ? { is: 'closed', outages } : { is: 'open', untilMs: nowMs + restMs };
}
