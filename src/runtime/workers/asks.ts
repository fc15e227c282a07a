import type { Clock } from '../../clock.ts';
import type { FromWorker } from './messages.ts';

type Answer = Extract<FromWorker, { readonly type: 'answer' }>;

/** Questions to processes that may die before they answer. */
export interface Asks {
  /** Nothing when nobody has answered within a second, or before the process that ran the call was gone. */
  ask(callKey: string, send: (id: number) => void): Promise<Answer | undefined>;
  answered(answer: Answer): void;
  /** Nobody runs this call any more. */
  gone(callKey: string): void;
}

const patienceMs = 1000;

export function createAsks(clock: Clock): Asks {
  const open = new Map<number, { readonly callKey: string; resolve(answer?: Answer): void }>();
  let last = 0;
  return {
    ask(callKey, send) {
      last += 1;
      const id = last;
      const { promise, resolve } = Promise.withResolvers<Answer | undefined>();
      const timer = clock.setTimeout(() => resolve(undefined), patienceMs);
      open.set(id, { callKey, resolve });
      send(id);
      return promise.finally(() => {
        open.delete(id);
        clock.clearTimeout(timer);
      });
    },
    answered: (answer) => open.get(answer.id)?.resolve(answer),
    gone(callKey) {
      for (const each of open.values()) if (each.callKey === callKey) each.resolve();
    },
  };
}
