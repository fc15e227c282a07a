import {
  type AnyActorRef,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  fromCallback,
  type InspectionEvent,
} from 'xstate';
import { pathOf } from './state-nodes.ts';
import type { Event } from './tour.ts';
import { nameOfTransition } from './transitions.ts';
import { createWalkClock, type WalkClock } from './walk-clock.ts';

/** A machine in the hands of what runs it in production. */
export interface Hosted {
  /** Something befalls the machine, by the way on which its host would tell it. */
  send(event: Event): void | Promise<void>;
  /** Lets go of it. What the host has to show for it and should not. */
  end(): Promise<readonly string[]>;
}

/** Puts a machine whose actors are inert into its host. `self` is the machine's actor, once it is born. */
export type Host = (machine: AnyStateMachine, clock: WalkClock, self: () => AnyActorRef) => Hosted;

/** Something a machine did: to an actor, to itself, or for whoever watches it. */
export type Deed =
  | readonly [did: 'starts' | 'stops', actor: string, input?: unknown]
  | readonly [did: 'tells', actor: string, event: unknown]
  | readonly [did: 'raises' | 'emits', event: unknown];

const deedsOf = new WeakMap<object, Deed[]>();

/** Does nothing, and breaks when it is told to. */
export const inert = fromCallback<{ type: string }, any>(({ input, receive, self, system }) => {
  const deeds = deedsOf.get(system) ?? [];
  deeds.push(['starts', self.id, input]);
  receive(({ type }) => {
    if (type === 'test.break') throw new Error('broken');
  });
  return () => void deeds.push(['stops', self.id]);
});

/** One machine under its host, from the beginning on. */
export interface Life {
  state(): AnyMachineSnapshot;
  /** False when it cannot happen after all: no such timer waits, no such actor runs. */
  occur(event: Event): Promise<boolean>;
  /** Of the machine, or of the one that invoked it. */
  error(): unknown;
  /** What it did since it was last asked. */
  deeds(): readonly Deed[];
  /** What it waits for: its timers, with their delays and when they are due. */
  waits(): readonly string[];
  end(): Promise<readonly string[]>;
}

/** Begins a life; told of each transition that is taken in it, and from which state. */
export function beginLife(machine: AnyStateMachine, host: Host, took: (name: string, from: string) => void): Life {
  const clock = createWalkClock();
  const deeds: Deed[] = [];
  let born: AnyActorRef | undefined;
  const unhook = atBirth(machine, (actor) => {
    born = actor;
    clock.serve(actor.system);
    deedsOf.set(actor.system, deeds);
    actor.system.inspect(witness(actor, deeds, took));
    actor.on('*', (event) => void deeds.push(['emits', event]));
  });
  const self = () => born!;
  const hosted = host(machine, clock, self);
  unhook();
  return {
    state: () => self().getSnapshot() as AnyMachineSnapshot,
    async occur(event) {
      clock.tick();
      if (event.type.startsWith('xstate.after.')) return clock.fire(nameOf(self(), event.type));
      if (event.type.startsWith('xstate.error.actor.')) return breaks(self(), String(event['actorId']));
      await hosted.send(event);
      return true;
    },
    // oxlint-disable-next-line no-underscore-dangle -- XState's public name
    error: () => errorOf(self()) ?? (self()._parent && errorOf(self()._parent!)),
    deeds: () => deeds.splice(0),
    waits: () =>
      waitsOf(self())
        .map(({ id, delay }) => `${id} ${delay} ${clock.dueAt(nameOf(self(), id))}`)
        .toSorted(),
    end: () => hosted.end(),
  };
}

/** The timers that a machine itself waits for. */
export const waitsOf = (actor: AnyActorRef) =>
  Object.values(actor.system.getSnapshot()._scheduledEvents).filter(({ source }) => source === actor);

const errorOf = (actor: AnyActorRef): unknown => (actor.getSnapshot() as AnyMachineSnapshot).error;

/** As a timer of an actor is named in the system's snapshot. */
const nameOf = (actor: AnyActorRef, timer: string): string => `${actor.sessionId}.${timer}`;

/** Sees which transitions an actor takes, what it tells itself and what it tells others. */
function witness(actor: AnyActorRef, deeds: Deed[], took: (name: string, from: string) => void) {
  let last: unknown;
  return (seen: InspectionEvent) => {
    if (seen.type === '@xstate.event') {
      last = seen.event;
      if (seen.sourceRef === actor && seen.actorRef !== actor)
        deeds.push(['tells', (seen.actorRef as AnyActorRef).id, seen.event]);
    }
    if (seen.type !== '@xstate.microstep' || seen.actorRef !== actor) return;
    if (seen.event !== last) deeds.push(['raises', (last = seen.event)]);
    // oxlint-disable-next-line no-underscore-dangle -- XState's public name
    for (const each of seen._transitions) took(nameOfTransition(each as never), pathOf(each.source));
  };
}

function breaks(actor: AnyActorRef, name: string): boolean {
  const child: AnyActorRef | undefined = (actor.getSnapshot() as AnyMachineSnapshot).children[name];
  child?.send({ type: 'test.break' });
  return child !== undefined;
}

/** Whoever hosts a machine keeps its actor to himself; the machine is asked for its first state by it. */
function atBirth(machine: AnyStateMachine, born: (actor: AnyActorRef) => void): () => void {
  const begin = machine.getInitialSnapshot;
  machine.getInitialSnapshot = (scope, input) => {
    born(scope.self);
    return begin(scope, input);
  };
  return () => void (machine.getInitialSnapshot = begin);
}
