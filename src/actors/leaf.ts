import { fromCallback, type CallbackActorLogic, type EventObject } from 'xstate';
import type { Clock } from '../clock.ts';

/** A fact with the moment it was reported, in ms of the instance's clock. */
export type Stamped<Fact> = Fact extends unknown ? Fact & { readonly at: number } : never;

/** What a leaf actor is given. `report` is mute once the actor was stopped. */
export interface Leaf<Fact, Command, Input> {
  readonly input: Input;
  readonly signal: AbortSignal;
  readonly report: (fact: Fact) => void;
  readonly receive: (handle: (command: Command) => void) => void;
}

/**
 * Callback logic that runs one thing for a machine: facts go up stamped with the time, commands come down,
 * and stopping aborts the signal. `run` may return a clean-up, called after the abort.
 */
export function leaf<Fact extends EventObject, Command extends EventObject, Input>(
  clock: Clock,
  run: (leaf: Leaf<Fact, Command, Input>) => (() => void) | void,
): CallbackActorLogic<Command, Input> {
  return fromCallback<Command, Input>(({ input, sendBack, receive }) => {
    const stop = new AbortController();
    const report = (fact: Fact) => {
      if (!stop.signal.aborted) sendBack({ ...fact, at: clock.now() });
    };
    const cleanUp = run({ input, signal: stop.signal, report, receive });
    return () => {
      stop.abort();
      cleanUp?.();
    };
  });
}

/** Stands in a machine's file for an actor that `wiring` must give; starting it says whose turn was forgotten. */
export function unwired<Command extends EventObject, Input>(name: string): CallbackActorLogic<Command, Input> {
  return fromCallback<Command, Input>(() => {
    throw new Error(`the actor "${name}" was not wired`);
  });
}
