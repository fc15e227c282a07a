import type { ActorRefFrom } from 'xstate';
import type { Clock } from '../clock.ts';
import type { CallMachine } from '../machines/call/call.machine.ts';
import { pause } from './pause.ts';

interface Leaving {
  readonly actor: ActorRefFrom<CallMachine>;
  readonly clock: Pick<Clock, 'now'>;
  /** Ends the wait. */
  readonly signal: AbortSignal;
  /** Saves the call as it stands; false when it could not be saved. */
  readonly saved: () => Promise<boolean>;
  /** Resolves when this call may leave, as far as others are concerned. */
  readonly turn: Turnstile;
}

/** Lets one through at a time. */
export type Turnstile = () => Promise<void>;

/**
 * Calls that stand between two turns would all leave at once, and their next owners join at once, which is the dear part: so each
 * waits until `spacedMs` after the one before.
 */
export function createTurnstile(clock: Clock, spacedMs: number, signal: AbortSignal): Turnstile {
  let freeAt = clock.now();
  return async () => {
    const waitMs = Math.max(0, freeAt - clock.now());
    freeAt = Math.max(freeAt, clock.now()) + spacedMs;
    if (waitMs > 0) await pause(clock, waitMs, signal);
  };
}

/** Resolves when the call stands between two turns and is saved so. Who speaks meanwhile is waited for. */
export async function standBetweenTurns({ actor, clock, signal, saved, turn }: Leaving): Promise<void> {
  const mayLeave = () => actor.getSnapshot().can({ type: 'call.hand_over', at: clock.now() });
  while (!signal.aborted) {
    // oxlint-disable-next-line no-await-in-loop -- one attempt after another
    await until(actor, mayLeave, signal);
    // oxlint-disable-next-line no-await-in-loop
    await turn();
    if (signal.aborted) return;
    // Somebody began to speak while others left.
    if (!mayLeave()) continue;
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
