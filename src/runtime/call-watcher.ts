import type { AnyActorRef, AnyMachineSnapshot, InspectionEvent } from 'xstate';
import type { DialOutcome } from '../actors/dialer.ts';
import type { Clock } from '../clock.ts';
import type { CallContext, HistoryLine } from '../machines/call/context.ts';
import type { LogDraft } from './call-log.ts';
import { journalEntry } from './journal.ts';
import { transcriptChanges } from './transcript.ts';
import { createTurnTimings } from './turn-timings.ts';

/** Turns what a call's machines go through into log entries: journal, states, transcript, timings. */
export interface CallWatcher {
  see(event: InspectionEvent): void;
  /** The call's own snapshot is new. */
  changed(context: CallContext): void;
  /** When a pending timer of this id is due, ms of the clock. */
  dueAt(timerId: string): number | undefined;
}

export function createCallWatcher(options: {
  readonly clock: Clock;
  readonly add: (...drafts: LogDraft[]) => void;
}): CallWatcher {
  const { clock, add } = options;
  const timings = createTurnTimings();
  const timers = new Map<string, number>();
  const shown = new Map<string, string>();
  let history: readonly HistoryLine[] = [];
  let outcome: DialOutcome | undefined;
  let turn = 0;
  let last = '';

  const seeEvent = (target: AnyActorRef, source: AnyActorRef | undefined, event: { type: string }) => {
    if (isMachine(target)) last = event.type;
    const measured = timings.see(event, clock.now(), turn);
    if (measured) add({ at: clock.now(), kind: 'turn', data: { ...measured } });
    if (isMachine(target) && !(source && isMachine(source) && source !== target))
      add(journalEntry(clock.now(), target.id, event));
  };
  const seeSnapshot = (actor: AnyActorRef, snapshot: AnyMachineSnapshot) => {
    noteTimers(actor, timers, clock.now());
    const value = JSON.stringify(snapshot.value);
    if (shown.get(actor.id) === value) return;
    shown.set(actor.id, value);
    const machine = snapshot.machine.id;
    add({
      at: clock.now(),
      kind: 'state',
      data: { machine, value: snapshot.value, by: last, active: activeIds(snapshot), timers: pendingOf(actor, timers) },
    });
  };
  return {
    see(event) {
      if (event.type === '@xstate.event')
        seeEvent(event.actorRef as AnyActorRef, event.sourceRef as AnyActorRef | undefined, event.event);
      // Before the children of the step are started: what they report at once belongs to the new turn.
      if (event.type === '@xstate.microstep' && !(event.actorRef as AnyActorRef)._parent)
        turn = turnOf(event.snapshot) ?? turn;
      if (event.type === '@xstate.snapshot' && isMachine(event.actorRef as AnyActorRef))
        seeSnapshot(event.actorRef as AnyActorRef, event.snapshot as AnyMachineSnapshot);
    },
    changed(context) {
      if (context.dial?.outcome !== outcome) {
        outcome = context.dial?.outcome;
        if (outcome) add({ at: clock.now(), kind: 'call', data: { what: 'dialled', ...outcome } });
      }
      if (context.history === history) return;
      const drafts = transcriptChanges(history, context.history);
      history = context.history;
      if (drafts.length > 0) add(...drafts);
    },
    dueAt: (id) => timers.get(id),
  };
}

const turnOf = (snapshot: unknown): number | undefined => (snapshot as { context?: { turn?: number } }).context?.turn;

/** While it is being started an actor has no snapshot yet. */
const isMachine = (actor: AnyActorRef): boolean => 'machine' in ((actor.getSnapshot() as object | undefined) ?? {});

const activeIds = (snapshot: AnyMachineSnapshot): string[] =>
  snapshot._nodes.filter((node) => node.type === 'atomic' || node.type === 'final').map(({ id }) => id);

interface Scheduled {
  readonly id: string;
  readonly delay: number;
  readonly event: { readonly type: string };
  readonly source: AnyActorRef;
}

const scheduledOf = (actor: AnyActorRef): Record<string, Scheduled> =>
  (actor.system.getSnapshot() as unknown as { _scheduledEvents: Record<string, Scheduled> })._scheduledEvents;

/** XState notes the wall time of its timers, not the clock's: so due times are noted here, when a timer is first seen. */
function noteTimers(actor: AnyActorRef, timers: Map<string, number>, now: number): void {
  const scheduled = scheduledOf(actor);
  for (const id of timers.keys()) if (!(id in scheduled)) timers.delete(id);
  for (const [id, each] of Object.entries(scheduled)) if (!timers.has(id)) timers.set(id, now + each.delay);
}

/** Pending timers of one machine: the state that waits, the name of the delay, when it is due. */
const pendingOf = (actor: AnyActorRef, timers: Map<string, number>) =>
  Object.entries(scheduledOf(actor))
    .filter(([, each]) => each.source === actor)
    .flatMap(([id, each]) => {
      const [, , name, ...state] = each.event.type.split('.');
      return name ? [{ name, state: state.join('.'), dueAt: timers.get(id) ?? 0 }] : [];
    });
