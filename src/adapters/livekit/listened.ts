import type { Clock } from '../../clock.ts';
import type { LocalTrackPublication } from './rtc.ts';

/** Somebody who is in the room has a track within a few hundred milliseconds. */
const patienceMs = 1000;
/**
 * The server tells both sides at once: whoever listens begins to read the track a little after we are told that he has it. Of 30
 * joins on a machine with twenty processes waiting one listener was 100 ms late, and the others were within 40 ms.
 */
const leadMs = 160;

/**
 * Resolves when what is played is heard by somebody: the server sends the track on to him, and he has begun to read it. Or
 * after a second in which nobody got it, for there may be nobody yet.
 */
export async function listened(
  publication: Pick<LocalTrackPublication, 'waitForSubscription'>,
  clock: Clock,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let timer = clock.setTimeout(resolve, patienceMs);
  function leads(): void {
    clock.clearTimeout(timer);
    timer = clock.setTimeout(resolve, leadMs);
  }
  void publication.waitForSubscription().then(leads);
  await promise;
}
