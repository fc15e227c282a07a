import type { Clock } from '../clock.ts';
import type { Failure } from '../failure.ts';
import { delaysMs } from '../machines/deadlines.ts';
import type { RoomName } from './token-register.ts';

const notEnrolled: Failure = {
  vendor: 'register',
  phase: 'rest',
  class: 'api',
  sub: 'config',
  retryable: false,
  message: 'the name is barred from the room',
};
const notReached: Failure = {
  vendor: 'register',
  phase: 'rest',
  class: 'network',
  retryable: true,
  message: 'what instances know together cannot be asked',
};

/** Why a token must not be given away, if so. */
export const unlessBarred = (enrolling: Promise<boolean>): Promise<Failure | undefined> =>
  enrolling.then(
    (enrolled) => (enrolled ? undefined : notEnrolled),
    () => notReached,
  );

const mostBars = 10_000;

/** Names that are known to be barred, also while the register cannot be reached. */
export function createBars(clock: Pick<Clock, 'now'>) {
  const untilMs = new Map<string, number>();
  return {
    add(name: RoomName): void {
      const key = keyOf(name);
      untilMs.delete(key);
      for (const [old, until] of untilMs) {
        if (until > clock.now() && untilMs.size < mostBars) break;
        untilMs.delete(old);
      }
      untilMs.set(key, clock.now() + delaysMs.barLifts);
    },
    has: (name: RoomName): boolean => (untilMs.get(keyOf(name)) ?? 0) > clock.now(),
  };
}

const keyOf = ({ room, identity }: RoomName): string => JSON.stringify([room, identity]);
