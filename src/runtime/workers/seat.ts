import { createActor, type SnapshotFrom } from 'xstate';
import type { WorkerProcess, WorkerProcessFact } from '../../actors/run-worker.ts';
import type { Clock } from '../../clock.ts';
import type { WorkerMachine } from '../../machines/worker/worker.machine.ts';
import type { Claim } from '../call-queue.ts';
import type { WorkerLoad } from './choose.ts';
import { type FromWorker, keyOf, readFromWorker, type ToWorker } from './messages.ts';

/** A process as its instance has it. */
export interface WorkerChild {
  readonly pid: number;
  /** Nothing happens when it is gone. */
  send(message: ToWorker): void;
  /** At once, whatever it does. Idempotent. */
  kill(): void;
}

export interface ChildEars {
  message(message: unknown): void;
  /** Last of all: it has ended, or could not be started. */
  gone(how: string): void;
}

export interface SeatOptions {
  readonly start: (ears: ChildEars) => WorkerChild;
  readonly machineOf: (worker: WorkerProcess) => WorkerMachine;
  readonly clock: Clock;
  /** Told of all that is not about claims and life. */
  readonly heard: (message: FromWorker, child: WorkerChild) => void;
  /** Told of each process that has ended, and which calls went with it. */
  readonly gone: (news: { readonly pid: number; readonly how: string; readonly calls: readonly string[] }) => void;
  /** Told whenever it may have room, or none any more. */
  readonly changed: () => void;
}

/** The process that ran the call is no more. */
export class WorkerGone extends Error {
  constructor(how: string) {
    super(`the process that ran it is gone: ${how}`);
    this.name = 'WorkerGone';
  }
}

/** A place for one process at a time, with the claims that it runs. */
export interface Seat {
  /** Rejects with `WorkerGone` when the process does not outlive the call. */
  run(claim: Claim, how: { readonly alone: boolean }): Promise<void>;
  load(): WorkerLoad & { readonly pid?: number };
  holds(callKey: string): Claim | undefined;
  send(message: ToWorker): void;
  close(): Promise<void>;
}

interface Held {
  readonly claim: Claim;
  readonly alone: boolean;
  readonly settled: PromiseWithResolvers<void>;
}

export function createSeat(options: SeatOptions): Seat {
  const { clock } = options;
  const held = new Map<string, Held>();
  let child: WorkerChild | undefined;
  let dying: WorkerChild | undefined;
  let served = 0;
  const closed = Promise.withResolvers<void>();

  const process: WorkerProcess = {
    start(report) {
      const own: WorkerChild = options.start({
        message: (message) => void (own === child && hear(own, message, report)),
        gone: (how) => report({ type: 'worker.gone', how }),
      });
      child = own;
      served = 0;
      return () => {
        child = undefined;
        dying = own;
        own.kill();
      };
    },
    handOver: () => child?.send({ type: 'hand_over' }),
    leave: () => child?.send({ type: 'leave' }),
  };
  const actor = createActor(options.machineOf(process), { clock });
  const tellHeld = () => actor.send({ type: 'worker.held', calls: held.size, served });

  function hear(own: WorkerChild, raw: unknown, report: (fact: WorkerProcessFact) => void): void {
    const message = readFromWorker(raw);
    if (!message) return;
    if (message.type === 'settled') settle(message);
    else options.heard(message, own);
    if (message.type === 'ready') report({ type: 'worker.ready' });
    if (message.type !== 'pulse') return;
    report({ type: 'worker.pulsed', rssBytes: message.rssBytes });
    own.send({ type: 'confirmed', claims: [...held.values()].map(({ claim }) => confirmed(claim)) });
  }

  function settle(message: Extract<FromWorker, { type: 'settled' }>): void {
    const found = held.get(keyOf(message));
    if (message.handedOver) found?.claim.handOver();
    if (message.error === undefined) found?.settled.resolve();
    else found?.settled.reject(new Error(message.error));
  }

  /** All at once: somebody else is to have them at once. */
  function bury(how: string): void {
    if (!dying) return;
    const lost = [...held.values()];
    options.gone({ pid: dying.pid, how, calls: lost.map(({ claim }) => claim.callKey) });
    dying = undefined;
    for (const { settled } of lost) settled.reject(new WorkerGone(how));
  }

  /** By an error of our own: this place takes no calls any more, the others do. */
  function breakDown(): void {
    dying ??= child;
    child?.kill();
    child = undefined;
    bury('broken');
    closed.resolve();
    options.changed();
  }

  actor.subscribe({
    next({ context }) {
      bury(context.how ?? 'killed');
      options.changed();
    },
    error: breakDown,
    complete: closed.resolve,
  });
  actor.start();

  return {
    async run(claim, { alone }) {
      if (!child) throw new WorkerGone('it has just ended');
      const own = child;
      const settled = Promise.withResolvers<void>();
      const key = keyOf(claim);
      const lose = () => own.send({ type: 'lost', callKey: claim.callKey, epoch: claim.epoch });
      held.set(key, { claim, alone, settled });
      served += 1;
      tellHeld();
      const { crashes, attempt } = claim;
      own.send({ type: 'run', claim: { ...confirmed(claim), crashes, attempt } });
      claim.signal.addEventListener('abort', lose);
      try {
        await settled.promise;
      } finally {
        claim.signal.removeEventListener('abort', lose);
        held.delete(key);
        tellHeld();
      }
    },
    load: () => ({
      calls: held.size,
      isOpen: isOpen(actor.getSnapshot()),
      isAlone: [...held.values()].some(({ alone }) => alone),
      ...(child && { pid: child.pid }),
    }),
    holds: (callKey) => [...held.values()].find(({ claim }) => claim.callKey === callKey)?.claim,
    send: (message) => child?.send(message),
    close() {
      actor.send({ type: 'worker.close' });
      return closed.promise;
    },
  };
}

const isOpen = (state: SnapshotFrom<WorkerMachine>): boolean =>
  state.status === 'active' && state.matches({ alive: { duty: 'serving', pulse: 'lively' } });

const confirmed = ({ callKey, epoch, confirmedAt }: Claim) => ({ callKey, epoch, at: confirmedAt() });
