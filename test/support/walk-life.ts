import { type AnyActorRef, type AnyMachineSnapshot, type AnyStateMachine, fromCallback } from 'xstate';
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

/** Something a machine did to an actor of its own. */
export interface Deed {
  readonly actor: string;
  readonly did: 'start' | 'stop' | 'command';
  readonly with?: unknown;
}

const deedsOf = new WeakMap<object, Deed[]>();

/** Notes what it is told, does nothing, and breaks when it is told to. */
export const inert = fromCallback<{ type: string }, any>(({ input, receive, self, system }) => {
  const deeds = deedsOf.get(system) ?? [];
  const actor = self.id;
  deeds.push({ actor, did: 'start', with: input });
  receive((command) => {
    if (command.type === 'test.break') throw new Error('broken');
    deeds.push({ actor, did: 'command', with: command });
  });
  return () => void deeds.push({ actor, did: 'stop' });
});

/** One machine under its host, from the beginning on. */
export interface Life {
  state(): AnyMachineSnapshot;
  /** False when it cannot happen after all: no such timer waits, no such actor runs. */
  occur(event: Event): Promise<boolean>;
  /** Of the machine, or of the one that invoked it. */
  error(): unknown;
  /** What it did to its actors since it was last asked. */
  deeds(): readonly Deed[];
  end(): Promise<readonly string[]>;
}

/** Begins a life; told of each transition that is taken in it. */
export function beginLife(machine: AnyStateMachine, host: Host, took: (name: string) => void): Life {
  const clock = createWalkClock();
  const deeds: Deed[] = [];
  let born: AnyActorRef | undefined;
  const unhook = atBirth(machine, (actor) => {
    born = actor;
    clock.serve(actor.system);
    deedsOf.set(actor.system, deeds);
    actor.system.inspect((seen) => {
      if (seen.type !== '@xstate.microstep' || seen.actorRef !== actor) return;
      // oxlint-disable-next-line no-underscore-dangle -- XState's public name
      for (const each of seen._transitions) took(nameOfTransition(each as never));
    });
  });
  const self = () => born!;
  const hosted = host(machine, clock, self);
  unhook();
  return {
    state: () => self().getSnapshot() as AnyMachineSnapshot,
    async occur(event) {
      if (event.type.startsWith('xstate.after.')) return clock.fire(`${self().sessionId}.${event.type}`);
      if (event.type.startsWith('xstate.error.actor.')) return breaks(self(), String(event['actorId']));
      await hosted.send(event);
      return true;
    },
    // oxlint-disable-next-line no-underscore-dangle -- XState's public name
    error: () => errorOf(self()) ?? (self()._parent && errorOf(self()._parent!)),
    deeds: () => deeds.splice(0),
    end: () => hosted.end(),
  };
}

const errorOf = (actor: AnyActorRef): unknown => (actor.getSnapshot() as AnyMachineSnapshot).error;

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
