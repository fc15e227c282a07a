import type { Clock } from '../../clock.ts';
import type { DialStore, Ordering } from '../../runtime/dial-store.ts';
import { ingestKeys, ingestValues, type RedisPart } from './call-store.ts';
import * as scripts from './dial-scripts.ts';
import { keys } from './keys.ts';
import { createScript } from './script.ts';

/** The `DialStore` of all processes that have this database of a Redis, beside its calls. */
export function createRedisDials({
  redis,
  sure,
  wakes,
  clock,
}: RedisPart & { readonly clock: Pick<Clock, 'now'> }): DialStore {
  const order = createScript(redis, scripts.order);
  const settle = createScript(redis, scripts.settle);
  return {
    order(dial, { concurrent, dailyMs, dayStartsAt }) {
      const { callKey, fingerprint } = dial;
      const now = clock.now();
      const fact = { type: 'door.dial_asked', order: dial.order } as const;
      const event = { id: 'dial', callKey, at: now, fact };
      const limits = [now, fingerprint, concurrent, dailyMs, dayStartsAt];
      return sure(
        () =>
          order([...ingestKeys(event), keys.dials], [...ingestValues(event, wakes), ...limits]) as Promise<Ordering>,
      ).then((answer) => {
        if (answer === 'ordered') wakes.wake(callKey);
        return answer;
      });
    },
    settle: async (callKey, talkedMs) =>
      void (await sure(() => settle([keys.dials], [callKey, clock.now(), Math.round(talkedMs)]))),
  };
}
