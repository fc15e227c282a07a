import type { Claim } from '../call-queue.ts';
import type { CallCommand, CallOwner, CommandOutcome } from '../calls.ts';
import type { RecorderFact } from '../../actors/record.ts';
import type { Posture } from '../../posture.ts';
import { crashesUntil } from '../poison.ts';
import { createAsks } from './asks.ts';
import { chooseWorker } from './choose.ts';
import type { FromWorker, ToWorker, VendorKey } from './messages.ts';
import { createSeat, type Seat, type SeatOptions, type WorkerChild, WorkerGone } from './seat.ts';

export interface WorkerPool {
  /**
   * Runs a call in a process that has room, or waits for one. Rejects when the process does not outlive it, so that it is tried again
   * at once; when it was tried often enough, or all are closing, it is left to whoever claims it next.
   */
  run(claim: Claim): Promise<void>;
  ownerOf(callKey: string): CallOwner | undefined;
  /** State value of a call that runs here. Nothing when its process does not answer. */
  valueOf(callKey: string): Promise<unknown>;
  command(callKey: string, command: CallCommand): Promise<CommandOutcome | undefined>;
  record(callKey: string, fact: RecorderFact): void;
  setPosture(posture: Posture): void;
  /** Processes make their connections to a vendor anew, by this key. */
  setKey(key: VendorKey): void;
  /** Its calls go on elsewhere, between two turns where they can. Resolves when it has none. */
  handOver(): Promise<void>;
  /** Processes let go of their calls and end. */
  close(): Promise<void>;
}

export interface PoolOptions extends Omit<SeatOptions, 'heard' | 'changed'> {
  /** One more is kept warm. */
  readonly workers: number;
  readonly posture: () => Posture;
  /** Of vendors that are not asked by their first key. */
  readonly keys: () => readonly VendorKey[];
  /** Told of what is not about claims and life. */
  readonly heard: (message: FromWorker, pid: number) => void;
  /** Told of each call that no process here runs any more: it has ended, was handed over, or its process is gone. */
  readonly left: (callKey: string) => void;
}

/** The same number of tries that the queue gives a handler before it gives the call up. */
const triesInARow = 3;

export function createPool(options: PoolOptions): WorkerPool {
  const waiting = new Set<() => void>();
  const wakeAll = () => waiting.forEach((wake) => wake());
  const asks = createAsks(options.clock);
  const closing = new AbortController();
  const gone: SeatOptions['gone'] = (news) => {
    news.calls.forEach(asks.gone);
    options.gone(news);
  };
  const seatOptions = { ...options, changed: () => queueMicrotask(wakeAll), heard, gone };
  const seats: readonly Seat[] = Array.from({ length: options.workers + 1 }, () => createSeat(seatOptions));

  function heard(message: FromWorker, child: WorkerChild): void {
    if (message.type === 'ready') child.send({ type: 'posture', posture: options.posture() });
    if (message.type === 'ready') options.keys().forEach((key) => child.send({ type: 'vendor_key', ...key }));
    if (message.type === 'answer') asks.answered(message);
    options.heard(message, child.pid);
  }

  const seatOf = (callKey: string) => seats.find((seat) => seat.holds(callKey));

  function placeFor(alone: boolean): Seat | undefined {
    const index = chooseWorker(
      seats.map((seat) => seat.load()),
      { alone },
    );
    return index === undefined ? undefined : seats[index];
  }

  /** It is chosen and given the call in one step: who comes at the same moment sees it there. */
  async function placed(claim: Claim): Promise<void> {
    const alone = claim.crashes >= crashesUntil.alone;
    while (!closing.signal.aborted && !claim.signal.aborted) {
      const seat = placeFor(alone);
      if (seat) return seat.run(claim, { alone });
      // oxlint-disable-next-line no-await-in-loop -- until one has room
      await change(claim.signal);
    }
    throw new WorkerGone('none is to take calls');
  }

  function change(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = () => resolve();
    waiting.add(wake);
    signal.addEventListener('abort', wake);
    return promise.finally(() => {
      waiting.delete(wake);
      signal.removeEventListener('abort', wake);
    });
  }

  async function ask(callKey: string, command?: CallCommand) {
    const seat = seatOf(callKey);
    return seat && asks.ask(callKey, (id) => seat.send({ type: 'ask', id, callKey, ...(command && { command }) }));
  }

  const toAll = (message: ToWorker) => seats.forEach((seat) => seat.send(message));

  return {
    async run(claim) {
      try {
        await placed(claim);
      } catch (error) {
        const isTriedHere = claim.attempt < triesInARow && !closing.signal.aborted;
        if (!(error instanceof WorkerGone) || isTriedHere) throw error;
        // How often a call may take its process with it is for the store to count.
        claim.handOver();
      } finally {
        // It may be here again by a later claim, before the process of this one has said that it is through.
        if (!seatOf(claim.callKey)) options.left(claim.callKey);
      }
    },
    ownerOf(callKey) {
      const seat = seatOf(callKey);
      const pid = seat?.load().pid;
      return seat && pid !== undefined ? { pid, epoch: seat.holds(callKey)!.epoch } : undefined;
    },
    valueOf: async (callKey) => (await ask(callKey))?.value,
    command: async (callKey, command) => (await ask(callKey, command))?.outcome,
    record: (callKey, fact) => seatOf(callKey)?.send({ type: 'recorder', callKey, fact }),
    setPosture: (posture) => toAll({ type: 'posture', posture }),
    setKey: (key) => toAll({ type: 'vendor_key', ...key }),
    async handOver() {
      toAll({ type: 'hand_over' });
      // oxlint-disable-next-line no-await-in-loop -- until the last has gone
      while (!closing.signal.aborted && seats.some((seat) => seat.load().calls > 0)) await change(closing.signal);
    },
    async close() {
      closing.abort();
      wakeAll();
      await Promise.all(seats.map((seat) => seat.close()));
    },
  };
}
