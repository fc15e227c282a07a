import type { Clock } from '../clock.ts';
import type { Records } from '../runtime/records.ts';

/** How long a name is remembered. */
export const keepMs = 24 * 60 * 60_000;
/** Names at once, in all and of one caller: who names very many takes no place from others. */
const most = 10_000;
const mostOfOne = 2_000;
/** Counting looks at every record: while there is no place it is done this often. */
const anewMs = 60_000;

/** Places for names, by whose they are. */
export interface Shares {
  /** False when there is none now. */
  take(owner: string): Promise<boolean>;
  giveBack(owner: string): void;
}

/** Counts the records that `ownerOf` tells apart, and clears away those that have expired when there is no place else. */
export function createShares(records: Records, clock: Pick<Clock, 'now'>, ownerOf: (record: string) => string): Shares {
  let held: Map<string, number> | undefined;
  let counting: Promise<void> | undefined;
  let notBefore = 0;

  const isFull = (owner: string): boolean =>
    held === undefined || (held.get(owner) ?? 0) >= mostOfOne || [...held.values()].reduce((a, b) => a + b, 0) >= most;

  function add(owner: string, places: number): void {
    held?.set(owner, Math.max(0, (held.get(owner) ?? 0) + places));
  }

  async function count(): Promise<void> {
    await records.sweep(clock.now() - keepMs);
    const owners = Map.groupBy(await records.names(), ownerOf);
    held = new Map([...owners].map(([owner, { length }]) => [owner, length]));
    notBefore = clock.now() + anewMs;
  }

  return {
    async take(owner) {
      if (isFull(owner) && clock.now() >= notBefore) await (counting ??= count().finally(() => (counting = undefined)));
      if (isFull(owner)) return false;
      add(owner, 1);
      return true;
    },
    giveBack: (owner) => add(owner, -1),
  };
}
