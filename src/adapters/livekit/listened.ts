import type { Clock } from '../../clock.ts';
import type { LocalTrackPublication } from './rtc.ts';

/** Somebody who is in the room has a track within a few hundred milliseconds. */
const patienceMs = 1000;

/**
 * Resolves when the server sends the track on to somebody: what is played before is heard by nobody. After a second at the latest,
 * for there may be nobody yet.
 */
export async function listened(
  publication: Pick<LocalTrackPublication, 'waitForSubscription'>,
  clock: Clock,
): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = clock.setTimeout(resolve, patienceMs);
  await Promise.race([publication.waitForSubscription(), late]);
  clock.clearTimeout(timer);
}
