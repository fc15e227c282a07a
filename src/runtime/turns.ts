import { notPassedOn } from './control-error.ts';

/** Does things of one kind one after the other. */
export interface Turns {
  /** Waits for what came before it under this name. Rejects at once with `limit` when too many wait already. */
  take<Result>(name: string, work: () => Promise<Result>): Promise<Result>;
}

export interface TurnsOptions {
  /** At once, under all names together. */
  readonly most: number;
  /** What is being made, for the refusal. */
  readonly what: string;
}

export function createTurns({ most, what }: TurnsOptions): Turns {
  const last = new Map<string, Promise<unknown>>();
  let waiting = 0;
  return {
    take(name, work) {
      if (waiting >= most) return Promise.reject(notPassedOn('limit', `${waiting} ${what} are being made already`));
      waiting += 1;
      const done = (last.get(name) ?? Promise.resolve()).then(work).finally(() => (waiting -= 1));
      const settled = done.catch(() => undefined);
      last.set(name, settled);
      void settled.then(() => last.get(name) === settled && last.delete(name));
      return done;
    },
  };
}
