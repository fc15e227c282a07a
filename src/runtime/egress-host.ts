import { createActor, type Snapshot } from 'xstate';
import type { EgressBrief } from '../actors/egress.ts';
import type { Clock } from '../clock.ts';
import type { EgressInfo } from '../egress.ts';
import type { EgressInput } from '../machines/egress/context.ts';
import { type EgressMachine, egressMachineVersion } from '../machines/egress/egress.machine.ts';
import type { EgressRecord, EgressStore } from './egress-store.ts';
import { type EgressView, viewOf } from './egress-view.ts';
import { rearm, restorable, restoredSnapshot, timersOf } from './restore.ts';
import { createSingleFlight } from './single-flight.ts';

interface EgressHostOptions {
  readonly input: EgressInput;
  /** What was stored of it; it goes on from there, and is not asked for again. */
  readonly record?: EgressRecord;
  readonly machineOf: (brief: EgressBrief) => EgressMachine;
  readonly brief: Omit<EgressBrief, 'committed'>;
  readonly clock: Clock;
  readonly store: Pick<EgressStore, 'put'>;
  /** Told once, when nothing more will come of it and that is stored, or could not be. */
  readonly over: () => void;
}

/** A running egress. */
export interface EgressHost {
  readonly id: string;
  readonly callKey: string | undefined;
  view(): EgressView;
  /** What LiveKit last said of it. */
  info(): EgressInfo | undefined;
  /** News of LiveKit's. Resolves when it is stored; false when it could not be. */
  told(info: EgressInfo): Promise<boolean>;
  stop(): void;
  /** Calls `changed` now and after each change, until `signal` aborts. */
  follow(signal: AbortSignal, changed: (view: EgressView) => void): void;
  /** Resolves when it is known how the asking went, or that it is not known. */
  readonly asked: Promise<void>;
  /** Lets go of it here; it goes on at LiveKit. */
  close(): Promise<void>;
}

/** Runs the machine of one egress, and stores it after each step: its intention before anything is asked of LiveKit. */
export function createEgressHost(options: EgressHostOptions): EgressHost {
  const { input, record, machineOf, brief, clock, store } = options;
  const asked = Promise.withResolvers<void>();
  const followers = new Set<(view: EgressView) => void>();
  // It changes some ten times in all: each change is stored at once.
  const saving = createSingleFlight(save, () => Promise.resolve());
  let closed = false;

  const committed = (): Promise<boolean> => {
    saving.ask();
    return saving.done();
  };
  const machine = machineOf({ ...brief, committed });
  const actor = createActor(machine, {
    clock,
    input,
    ...(record && { snapshot: restoredSnapshot(machine, record) as Snapshot<unknown> }),
  });
  const view = () => viewOf(actor.getSnapshot());
  const isOver = () => actor.getSnapshot().hasTag('over') || actor.getSnapshot().status === 'error';

  async function save(): Promise<boolean> {
    const stored = await store.put(recordOf()).catch(() => 'unavailable' as const);
    return stored === 'stored';
  }
  const recordOf = (): EgressRecord => ({
    id: input.id,
    ...(input.callKey !== undefined && { callKey: input.callKey }),
    machine: 'egress',
    version: String(egressMachineVersion),
    over: isOver(),
    ...restorable(actor.getSnapshot()),
    timers: timersOf(actor, () => clock.now()),
  });
  function changed(): void {
    for (const follower of followers) follower(view());
    if (!actor.getSnapshot().hasTag('asking')) asked.resolve();
    saving.ask();
    if (!isOver() || closed) return;
    closed = true;
    actor.stop();
    void saving.done().then(options.over);
  }

  actor.subscribe({ next: changed, error: changed });
  actor.start();
  if (record) {
    rearm(actor, record.timers, clock.now());
    actor.send({ type: 'egress.restored', at: clock.now() });
  }

  return {
    id: input.id,
    callKey: input.callKey,
    view,
    info: () => actor.getSnapshot().context.info,
    told(info) {
      if (!closed) actor.send({ type: 'egress.told', info, at: clock.now() });
      return saving.done();
    },
    stop: () => void (closed || actor.send({ type: 'egress.stop', at: clock.now() })),
    follow(signal, follower) {
      if (signal.aborted) return;
      followers.add(follower);
      signal.addEventListener('abort', () => followers.delete(follower), { once: true });
      follower(view());
    },
    asked: asked.promise,
    async close() {
      closed = true;
      await saving.done();
      actor.stop();
      asked.resolve();
    },
  };
}
