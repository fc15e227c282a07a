import { createActor } from 'xstate';
import type { Clock } from '../clock.ts';
import type { RecoveryInput } from '../machines/recovery/context.ts';
import type { NotLedBack, RecoveryCommand, RecoveryStep } from '../machines/recovery/events.ts';
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
  /** Told when the main set of lines could not be made again, once the backup set was needed no longer. */
  readonly notLedBack: (trouble: Pick<NotLedBack, 'target' | 'failure'>) => void;
  /** Told when it stopped by an error of our own: from then on nothing is mended by itself. */
  readonly stopped: () => void;
}

/** Recovery of this instance. */
export interface Recovery {
  view(): RecoveryView;
  /** As it is now, and as it is after each change, until `signal` aborts; what a slow reader misses is skipped. */
  views(signal: AbortSignal): AsyncIterable<RecoveryView>;
  /**
   * What was escalated has been mended by hand, here and at all other instances: they look at it. `busy`: something else is being
   * mended here; ask again. `unshared`: it is open at others, who cannot be told.
   */
  acknowledge(): Promise<{ readonly looksAt: readonly Target[] } | 'busy' | 'nothing open' | 'unshared'>;
  /** Whether this instance writes the posture at this moment, and what it wants stands: before it does what all of them share. */
  leadsNow(): Promise<boolean>;
  /** Idempotent. */
  close(): Promise<void>;
}

const journalLength = 50;

/** Runs the machine of recovery: tells it what changes, and takes its stance to all instances while this one leads. */
export function createRecoveryHost(options: RecoveryOptions): Recovery {
  const { machine, input, statuses, board, store, clock, log, closed, notLedBack, stopped } = options;
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
    taken: (posture) => tellLead({ type: 'lead.taken', posture, at: clock.now() }),
    lost: () => tellLead({ type: 'lead.lost', at: clock.now() }),
    waiting,
    acknowledged: () => acknowledgeHere() !== 'busy',
    note: (news) => notes[news](log),
  });
  function tellLead(event: RecoveryCommand): void {
    if (actor.getSnapshot().status === 'active') actor.send(event);
  }
  function waiting(): readonly Target[] {
    return actor.getSnapshot().context.incidents.map(({ target }) => target);
  }
  function acknowledgeHere(): 'taken' | 'busy' | 'nothing open' {
    const event = { type: 'admin.acknowledged', at: clock.now() } as const;
    if (waiting().length === 0) return 'nothing open';
    if (!actor.getSnapshot().can(event)) return 'busy';
    actor.send(event);
    return 'taken';
  }
  const tell = () => {
    seq += 1;
    for (const follower of followers) follower();
  };
  function noteIncidents(): void {
    const now = waiting();
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
  actor.on('recovery.not_led_back', ({ target, failure }) => {
    log.error({ code: 'recovery.sip_not_led_back', failure }, 'the main set of lines could not be made again');
    notLedBack({ target, failure });
  });
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
  const view = () =>
    recoveryView(actor, {
      seq,
      posture: board.now(),
      leads: keeper.leads(),
      elsewhere: keeper.elsewhere(),
      journal,
    });

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
    async acknowledge() {
      const [own, others] = [waiting(), keeper.elsewhere()];
      const here = acknowledgeHere();
      if (here === 'busy' || others.length === 0) return here === 'taken' ? { looksAt: own } : here;
      const isTold = await keeper.acknowledge().then(
        () => true,
        () => false,
      );
      if (!isTold && here !== 'taken') return 'unshared';
      return { looksAt: isTold ? [...new Set([...own, ...others])] : own };
    },
    leadsNow: keeper.confirm,
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
