import type { AnyActorRef, AnyMachineSnapshot, AnyStateMachine, Snapshot } from 'xstate';
import { type DelayName, delaysMs, wallTimers } from '../machines/deadlines.ts';
import type { SavedTimer } from './call-store.ts';

/** What is saved of a machine: plain JSON, without its children. */
export interface Restorable {
  readonly value: unknown;
  readonly context: unknown;
}

export const restorable = ({ value, context }: AnyMachineSnapshot): Restorable => ({ value, context });

/**
 * A snapshot to start from: the machine stands in the saved state without a child, and its first event must be
 * `call.restored`. Throws when the machine has no such state. What was saved is copied, since starting writes into it.
 */
export function restoredSnapshot(machine: AnyStateMachine, { value, context }: Restorable): Snapshot<unknown> {
  const saved = structuredClone({ value, context }) as Parameters<AnyStateMachine['resolveState']>[0];
  return machine.getPersistedSnapshot(machine.resolveState(saved));
}

/** An outage must not end a pause in the conversation at once: nobody could have spoken in it. */
const leastPauseMs = 2000;

/** The delay's name, from XState's own event type: `xstate.after.<delay>.<state id>`. */
const delayOf = (eventType: string): DelayName => eventType.split('.')[2] as DelayName;

/**
 * The timers that a machine itself waits for; those of its children go with them. `dueAt` tells when a timer, named as
 * in the system's snapshot, is due on the host's own clock; XState notes the time of the process instead.
 */
export function timersOf(actor: AnyActorRef, dueAt: (key: string) => number | undefined): SavedTimer[] {
  // oxlint-disable-next-line no-underscore-dangle -- XState's public name
  return Object.entries(actor.system.getSnapshot()._scheduledEvents)
    .filter(([, each]) => each.source === actor)
    .map(([key, { id, event, startedAt, delay }]) => ({
      id,
      event: { type: event.type },
      dueAt: dueAt(key) ?? startedAt + delay,
      kind: wallTimers.has(delayOf(event.type)) ? 'wall' : 'conversational',
    }));
}

/** Arms saved timers anew, once the machine has started. Leaving their state cancels them as it would have before. */
export function rearm(actor: AnyActorRef, timers: readonly SavedTimer[], now: number): void {
  for (const timer of timers) actor.system.scheduler.schedule(actor, actor, timer.event, waitMs(timer, now), timer.id);
}

/** Wall timers keep their moment; the others begin again. */
function waitMs({ kind, dueAt, event }: SavedTimer, now: number): number {
  if (kind === 'wall') return Math.max(0, dueAt - now);
  const name = delayOf(event.type);
  return Math.max(leastPauseMs, name in delaysMs ? delaysMs[name as keyof typeof delaysMs] : 0);
}
