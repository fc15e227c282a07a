import type { Clock } from '../../clock.ts';
import type { RegisterNews, RoomName, TokenRegister } from '../../runtime/token-register.ts';

/** A register for the desks of one process. */
export function createMemoryTokenRegister(clock: Pick<Clock, 'now'>): TokenRegister {
  const credentials = createLapsing<RoomName>(clock);
  const bars = createLapsing<true>(clock);
  const superseded = createLapsing<true>(clock);
  const watchers = new Set<RegisterNews>();

  return {
    async enrol(id, name, forMs) {
      if (bars.get(keyOf(name))) return false;
      credentials.set(id, name, forMs);
      return true;
    },
    find: async (id) => credentials.get(id),
    async bar(name, forMs) {
      bars.set(keyOf(name), true, forMs);
      for (const { barred } of watchers) barred(name);
    },
    isBarred: async (name) => bars.get(keyOf(name)) === true,
    supersede: async (jti, forMs) => superseded.set(jti, true, forMs),
    async standing({ jti, name }) {
      if (bars.get(keyOf(name))) return 'revoked';
      return superseded.get(jti) ? 'superseded' : undefined;
    },
    watch(news) {
      watchers.add(news);
      return () => void watchers.delete(news);
    },
    close: async () => watchers.clear(),
  };
}

const keyOf = ({ room, identity }: RoomName): string => JSON.stringify([room, identity]);

/** Forgets what has lapsed when something is asked or set; never shortens what was set before. */
function createLapsing<Value>(clock: Pick<Clock, 'now'>) {
  const held = new Map<string, { readonly value: Value; readonly untilMs: number }>();
  return {
    set(key: string, value: Value, forMs: number): void {
      const untilMs = Math.max(clock.now() + forMs, held.get(key)?.untilMs ?? 0);
      held.delete(key);
      for (const [old, { untilMs }] of held) if (untilMs <= clock.now()) held.delete(old);
      held.set(key, { value, untilMs });
    },
    get(key: string): Value | undefined {
      const found = held.get(key);
      return found && found.untilMs > clock.now() ? found.value : undefined;
    },
  };
}
