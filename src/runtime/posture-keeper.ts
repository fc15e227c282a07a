import type { Clock } from '../clock.ts';
import type { Stance } from '../machines/recovery/measures.ts';
import type { Posture } from '../posture.ts';
import type { Target } from '../targets.ts';
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
  readonly taken: (posture: Posture) => void;
  /** Told when it leads no longer. */
  readonly lost: () => void;
  /** What waits for an admin here. */
  readonly waiting: () => readonly Target[];
  /** Told that an admin has mended what waits, at whatever instance he said so. False: not now; it is told again. */
  readonly acknowledged: () => boolean;
  /** Told when the store cannot be asked, and when it can be again: meanwhile the posture stands as it was. */
  readonly note: (news: 'lost' | 'back') => void;
}

/** Brings the posture of all instances to this one, and writes it while this one leads. */
export interface PostureKeeper {
  /** Something else may be wanted by now. */
  ask(): void;
  leads(): boolean;
  /** Asks the store who leads. True: this instance, and what is wanted here is what stands by now. */
  confirm(): Promise<boolean>;
  /** What waits for an admin at other instances, as far as is known. */
  elsewhere(): readonly Target[];
  /** Tells the other instances that an admin has mended what waits; rejects when the store cannot be asked. */
  acknowledge(): Promise<void>;
  /** Idempotent. */
  close(): Promise<void>;
}

/** Longer than the store may take to answer twice, so that a slow answer loses no lead. */
const leadMs = 10_000;
const lookEveryMs = 2000;

/** Who leads is asked before each time something is written: a lead that nobody can confirm writes nothing. */
export function createPostureKeeper(options: PostureKeeperOptions): PostureKeeper {
  const { store, board, clock, mayLead, wanted, note } = options;
  const over = new AbortController();
  const turns = createSingleFlight(turn, () => Promise.resolve());
  const unwatch = store.watch(board.take);
  let lead: number | undefined;
  let isThere = true;
  let elsewhere: readonly Target[] = [];
  let heardAt: number | undefined;

  async function turn(): Promise<boolean> {
    const went = await keep().catch(() => false);
    if (!went) leadIs(undefined);
    if (isThere !== went) note(went ? 'back' : 'lost');
    isThere = went;
    return went;
  }

  async function keep(): Promise<boolean> {
    const fence = over.signal.aborted || !mayLead() ? undefined : await store.lead(leadMs);
    const stands = await readPosture();
    leadIs(fence);
    if (fence !== undefined) await write(fence, stands);
    elsewhere = await store.waiting(options.waiting(), leadMs);
    heed(await store.acknowledged());
    return true;
  }

  /** What is read is newer than all that was heard before it was asked for, whatever its number. */
  async function readPosture(): Promise<Posture | undefined> {
    const before = board.now();
    const stands = await store.read();
    if (stands && board.now() === before) board.adopt(stands);
    return stands;
  }

  function leadIs(fence: number | undefined): void {
    if (fence === lead) return;
    lead = fence;
    if (fence === undefined) options.lost();
    else options.taken(board.now());
  }

  function heed(at: number | undefined): void {
    if (at === undefined || at === heardAt || !options.acknowledged()) return;
    heardAt = at;
  }

  /** A store that knows of no posture has lost it: it is told it again. */
  async function write(fence: number, stands: Posture | undefined): Promise<void> {
    const { version, since: _since, ...stance } = board.now();
    const next = wanted();
    const isMeant = isSame(stance, next);
    if (isMeant && stands) return;
    const posture = isMeant ? board.now() : { version: version + 1, since: clock.now(), ...next };
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
    async confirm() {
      turns.ask();
      return (await turns.done()) && lead !== undefined;
    },
    elsewhere: () => elsewhere,
    async acknowledge() {
      const at = clock.now();
      await store.acknowledge(at);
      heardAt = at;
    },
    async close() {
      over.abort();
      await turns.done();
      unwatch();
      await store.close();
    },
  };
}

/** Lists say the same in any order. */
function isSame(one: Stance, other: Stance): boolean {
  const [a, b] = [one, other].map(({ mode, livekitHost, sipSet, avoid, limited, measures }) =>
    JSON.stringify([
      mode,
      livekitHost,
      sipSet,
      avoid.toSorted(),
      limited.toSorted(),
      measures.map(({ kind, target, isOver }) => `${kind} ${target} ${isOver}`).toSorted(),
    ]),
  );
  return a === b;
}
