import type { Clock } from '../clock.ts';
import type { Stance } from '../machines/recovery/measures.ts';
import type { Posture } from '../posture.ts';
import { pause } from './pause.ts';
import type { PostureBoard } from './posture-board.ts';
import type { PostureStore } from './posture-store.ts';
import { createSingleFlight } from './single-flight.ts';

interface PostureKeeperOptions {
  readonly store: PostureStore;
  readonly board: PostureBoard;
  readonly clock: Clock;
  /** False: what is wanted here means nothing any more, and another instance is to lead. */
  readonly mayLead: () => boolean;
  /** What this instance's recovery wants. */
  readonly wanted: () => Stance;
  /** Told when this instance takes the lead, of what stands; by then it should be wanted, until it need not be. */
  readonly found: (posture: Posture) => void;
  /** Told when the store cannot be asked, and when it can be again: meanwhile the posture stands as it was. */
  readonly note: (news: 'lost' | 'back') => void;
}

/** Brings the posture of all instances to this one, and writes it while this one leads. */
export interface PostureKeeper {
  /** Something else may be wanted by now. */
  ask(): void;
  leads(): boolean;
  /** Idempotent. */
  close(): Promise<void>;
}

/** Longer than the store may take to answer twice, so that a slow answer loses no lead. */
const leadMs = 10_000;
const lookEveryMs = 2000;

/** Who leads is asked before each time something is written: a lead that nobody can confirm writes nothing. */
export function createPostureKeeper(options: PostureKeeperOptions): PostureKeeper {
  const { store, board, clock, mayLead, wanted, found, note } = options;
  const over = new AbortController();
  const turns = createSingleFlight(turn, () => Promise.resolve());
  const unwatch = store.watch(board.take);
  let lead: number | undefined;
  let isThere = true;

  async function turn(): Promise<boolean> {
    const went = await keep().catch(() => false);
    if (!went) lead = undefined;
    if (isThere !== went) note(went ? 'back' : 'lost');
    isThere = went;
    return went;
  }

  async function keep(): Promise<boolean> {
    const fence = over.signal.aborted || !mayLead() ? undefined : await store.lead(leadMs);
    const stands = await store.read();
    if (stands) board.take(stands);
    const isNew = fence !== undefined && fence !== lead;
    lead = fence;
    if (isNew && stands) found(stands);
    if (fence !== undefined) await write(fence);
    return true;
  }

  async function write(fence: number): Promise<void> {
    const { version, since: _since, ...stance } = board.now();
    const next = wanted();
    if (isSame(stance, next)) return;
    const posture = { version: version + 1, since: clock.now(), ...next };
    if ((await store.write(posture, fence)) === 'written') board.take(posture);
  }

  async function look(): Promise<void> {
    while (!over.signal.aborted) {
      turns.ask();
      // oxlint-disable-next-line no-await-in-loop
      await pause(clock, lookEveryMs, over.signal);
    }
  }

  void look();
  return {
    ask: turns.ask,
    leads: () => lead !== undefined,
    async close() {
      over.abort();
      await turns.done();
      unwatch();
      await store.close();
    },
  };
}

const sorted = ({ avoid, limited, ...rest }: Stance) => [rest, avoid.toSorted(), limited.toSorted()];

/** Lists say the same in any order. */
function isSame(one: Stance, other: Stance): boolean {
  const [a, b] = [one, other].map(({ mode, livekitHost, sipSet, avoid, limited }) =>
    JSON.stringify(sorted({ mode, livekitHost, sipSet, avoid, limited })),
  );
  return a === b;
}
