import type { ActorRefFrom } from 'xstate';
import type { Clock } from '../clock.ts';
import type { CallMachine } from '../machines/call/call.machine.ts';

interface Leaving {
  readonly actor: ActorRefFrom<CallMachine>;
  readonly clock: Pick<Clock, 'now'>;
  /** Ends the wait. */
  readonly signal: AbortSignal;
  /** Saves the call as it stands; false when it could not be saved. */
  readonly saved: () => Promise<boolean>;
}

/** Resolves when the call stands between two turns and is saved so. Who speaks meanwhile is waited for. */
export async function standBetweenTurns({ actor, clock, signal, saved }: Leaving): Promise<void> {
  while (!signal.aborted) {
    // oxlint-disable-next-line no-await-in-loop -- one attempt after another
    await until(actor, () => actor.getSnapshot().can({ type: 'call.hand_over', at: clock.now() }), signal);
    if (signal.aborted) return;
    actor.send({ type: 'call.hand_over', at: clock.now() });
    // oxlint-disable-next-line no-await-in-loop
    await saved();
    if (actor.getSnapshot().hasTag('handedOver')) return;
  }
}

/** Resolves when nobody is being put through: the next owner could never learn what came of it. Its own deadline ends it. */
export const putThrough = ({ actor, signal }: Pick<Leaving, 'actor' | 'signal'>): Promise<void> =>
  until(actor, () => !actor.getSnapshot().hasTag('puttingThrough'), signal);

function until(actor: Leaving['actor'], fits: () => boolean, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      watching.unsubscribe();
      signal.removeEventListener('abort', end);
      resolve();
    };
    const watching = actor.subscribe(() => void (fits() && end()));
    signal.addEventListener('abort', end);
    if (signal.aborted || fits()) end();
  });
}
