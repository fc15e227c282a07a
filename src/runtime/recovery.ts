import { createActor } from 'xstate';
import type { Clock } from '../clock.ts';
import type { RecoveryInput } from '../machines/recovery/context.ts';
import type { RecoveryStep } from '../machines/recovery/events.ts';
import { stanceOf } from '../machines/recovery/measures.ts';
import type { RecoveryMachine } from '../machines/recovery/recovery.machine.ts';
import type { Target } from '../targets.ts';
import { createBell } from './bell.ts';
import type { Hub } from './hub.ts';
import type { Logger } from './log.ts';
import type { StatusChange } from './notices.ts';
import type { PostureBoard } from './posture-board.ts';
import { createPostureKeeper } from './posture-keeper.ts';
import type { PostureStore } from './posture-store.ts';
import { type RecoveryEntry, type RecoveryView, recoveryView } from './recovery-view.ts';

interface RecoveryOptions {
  readonly machine: RecoveryMachine;
  readonly input: RecoveryInput;
  readonly statuses: Hub<StatusChange>;
  readonly board: PostureBoard;
  readonly store: PostureStore;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'error' | 'warn' | 'info'>;
  /** Told when what was escalated is well again, or was mended. */
  readonly closed: (target: Target) => void;
  /** Told when it stopped by an error of our own: from then on nothing is mended by itself. */
  readonly stopped: () => void;
}

/** Recovery of this instance. */
export interface Recovery {
  view(): RecoveryView;
  /** As it is now, and as it is after each change, until `signal` aborts; what a slow reader misses is skipped. */
  views(signal: AbortSignal): AsyncIterable<RecoveryView>;
  /** What was escalated has been mended by hand. `busy`: something else is being mended; ask again. */
  acknowledge(): 'taken' | 'busy' | 'nothing open';
  /** Idempotent. */
  close(): Promise<void>;
}

const journalLength = 50;

/** Runs the machine of recovery: tells it what changes, and takes its stance to all instances while this one leads. */
export function createRecoveryHost(options: RecoveryOptions): Recovery {
  const { machine, input, statuses, board, store, clock, log, closed, stopped } = options;
  const actor = createActor(machine, { clock, input });
  const followers = new Set<() => void>();
  let journal: readonly RecoveryEntry[] = [];
  let open: readonly Target[] = [];
  let seq = 0;
  let isOver = false;

  const keeper = createPostureKeeper({
    store,
    board,
    clock,
    mayLead: () => actor.getSnapshot().status === 'active',
    wanted: () => stanceOf(actor.getSnapshot().context.measures),
    found: (posture) => actor.send({ type: 'posture.found', posture, at: clock.now() }),
    note: (news) => notes[news](log),
  });
  const tell = () => {
    seq += 1;
    for (const follower of followers) follower();
  };
  function noteIncidents(): void {
    const now = actor.getSnapshot().context.incidents.map(({ target }) => target);
    const gone = open.filter((target) => !now.includes(target));
    open = now;
    for (const target of gone) closed(target);
  }
  function noteStep({ type: _type, ...step }: RecoveryStep): void {
    journal = [...journal, { at: clock.now(), ...step }].slice(-journalLength);
    const level = step.failure ? 'warn' : 'info';
    log[level]({ code: 'recovery.step', ...step }, step.failure ? 'recovery could not do this' : 'recovery did this');
  }

  const unwatch = board.watch((posture) => {
    log.warn({ code: 'posture.changed', ...posture }, 'the posture of the instances has changed');
    tell();
  });
  const unlisten = statuses.listen((change) => actor.send({ type: 'status.changed', ...change }));
  actor.on('recovery.step', noteStep);
  actor.subscribe({
    next() {
      noteIncidents();
      keeper.ask();
      tell();
    },
    error(error) {
      unlisten();
      log.error({ code: 'recovery.stopped', error: String(error) }, 'recovery stopped by an error of our own');
      stopped();
    },
  });
  actor.start();
  const view = () => recoveryView(actor, { seq, posture: board.now(), leads: keeper.leads(), journal });

  return {
    view,
    async *views(signal) {
      const bell = createBell(signal);
      followers.add(bell.ring);
      try {
        while (!signal.aborted) {
          bell.reset();
          yield view();
          // oxlint-disable-next-line no-await-in-loop
          await bell.rung();
        }
      } finally {
        followers.delete(bell.ring);
        bell.release();
      }
    },
    acknowledge() {
      const state = actor.getSnapshot();
      if (state.context.incidents.length === 0) return 'nothing open';
      if (!state.can({ type: 'admin.acknowledged', at: clock.now() })) return 'busy';
      actor.send({ type: 'admin.acknowledged', at: clock.now() });
      return 'taken';
    },
    async close() {
      if (isOver) return;
      isOver = true;
      unlisten();
      unwatch();
      actor.stop();
      await keeper.close();
    },
  };
}

const notes = {
  lost: (log: RecoveryOptions['log']) =>
    log.error({ code: 'posture.unshared' }, 'the posture can neither be read nor changed: it stands as it was'),
  back: (log: RecoveryOptions['log']) =>
    log.info({ code: 'posture.shared' }, 'the posture can be read and changed again'),
};
