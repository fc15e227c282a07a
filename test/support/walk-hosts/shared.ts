import type { AnyActorRef, AnyMachineSnapshot } from 'xstate';

export const stateOf = (actor: AnyActorRef) => actor.getSnapshot() as AnyMachineSnapshot;

export const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** Lets promises go on that wait for nothing else. */
export async function turns(most = 20): Promise<void> {
  // oxlint-disable-next-line no-await-in-loop
  for (let turn = 0; turn < most; turn += 1) await Promise.resolve();
}

export const silent = () => undefined;
