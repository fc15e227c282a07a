/** What the instances of a deployment use together. */
export interface FleetLoad {
  /** Share of their processors in use, on average: from 0 to 1. */
  readonly cpu: number;
  /** Likewise of their memory. */
  readonly memory: number;
  /** Calls that wait for a place. */
  readonly waiting: number;
  /** 95th percentile of the answers at their doors. */
  readonly responseMs: number;
  /** Share of their places for calls that are taken. */
  readonly places: number;
}

interface Limit {
  /** More of it than this, and there are too few instances. */
  readonly up: number;
  /** Less of it than this may be served by fewer. Left out: it says nothing about that. */
  readonly down?: number;
}

/**
 * SPEC D9.4, and `places`, which is ours: callers wait as soon as there are no more, long before a hundred do, and what a call
 * uses is known beforehand. Its lower limit is half of the upper, so that no two instances become one that has too much.
 */
export const limits: Readonly<Record<keyof FleetLoad, Limit>> = {
  cpu: { up: 0.8, down: 0.3 },
  memory: { up: 0.8, down: 0.3 },
  waiting: { up: 100, down: 10 },
  responseMs: { up: 200 },
  places: { up: 0.7, down: 0.35 },
};

export type Wish = 'up' | 'down' | 'stay';

/** More instances when anything is beyond its upper limit, fewer when everything is under its lower one. What is not known is neither. */
export function wishOf(load: FleetLoad): Wish {
  const all = Object.entries(limits).map(([name, limit]) => ({ value: load[name as keyof FleetLoad], ...limit }));
  if (all.some(({ value, up }) => value > up)) return 'up';
  return all.every(({ value, down = Infinity }) => value < down) ? 'down' : 'stay';
}

/** By how much the instances are to be multiplied: whoever scales does it in the steps that are allowed to it. */
export const factorOf: Readonly<Record<Wish, number>> = { up: 1.5, stay: 1, down: 0.5 };
