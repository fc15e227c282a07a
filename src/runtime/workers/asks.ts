import type { Clock } from '../../clock.ts';
import type { FromWorker } from './messages.ts';

type Answer = Extract<FromWorker, { readonly type: 'answer' }>;

/** Questions to processes that may die before they answer. */
export interface Asks {
  /** Nothing when nobody has answered within a second. */
  ask(send: (id: number) => void): Promise<Answer | undefined>;
  answered(answer: Answer): void;
}

const patienceMs = 1000;

export function createAsks(clock: Clock): Asks {
  const open = new Map<number, (answer?: Answer) => void>();
  let last = 0;
  return {
    ask(send) {
      last += 1;
      const id = last;
      const { promise, resolve } = Promise.withResolvers<Answer | undefined>();
      const timer = clock.setTimeout(() => resolve(undefined), patienceMs);
      open.set(id, resolve);
      send(id);
      return promise.finally(() => {
        open.delete(id);
        clock.clearTimeout(timer);
      });
    },
    answered: (answer) => open.get(answer.id)?.(answer),
  };
}
