import type { Clock } from '../../../clock.ts';
import type { Failure } from '../../../failure.ts';
import type { ApiKey } from '../../../key-ring.ts';
import { ControlError } from '../../../runtime/control-error.ts';
import { createLivekitApi } from './api.ts';

/** What a server says of a key. `other_secret`: it knows one of this name with another secret. */
export type KeyStanding = 'known' | 'unknown' | 'other_secret';

/** Behind one address there may be several servers: each look opens a connection of its own. */
const looks = 5;

/**
 * Asks a server for no room at all, which changes nothing, over several connections one after the other. Gives what each of them
 * said, or why none could be had.
 */
export async function probeKey(url: string, key: ApiKey, clock: Clock): Promise<readonly KeyStanding[] | Failure> {
  const seen: KeyStanding[] = [];
  for (let look = 0; look < looks; look += 1) {
    // oxlint-disable-next-line no-await-in-loop
    const standing = await standingOf(url, key, clock);
    if (typeof standing !== 'string') return standing;
    seen.push(standing);
  }
  return seen;
}

async function standingOf(url: string, key: ApiKey, clock: Clock): Promise<KeyStanding | Failure> {
  const api = createLivekitApi({ url, clock, key: () => key });
  try {
    await api.rooms.listRooms(['no room has this name']);
    return 'known';
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    if (error.code === 'forbidden') return 'known';
    if (error.code !== 'unauthorized') return error.failure;
    return /invalid api key/i.test(error.message) ? 'unknown' : 'other_secret';
  } finally {
    await api.close();
  }
}
