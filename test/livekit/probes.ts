import { expect } from 'vitest';
import { livekitProbes } from '../../src/adapters/probes/livekit.ts';
import { systemClock } from '../../src/clock.ts';
import { Secret } from '../../src/secret.ts';
import type { LivekitAccess } from '../support/services.ts';
import { livekitRooms } from './livekit-world.ts';

/** What each probe of a real LiveKit sees: `well`, that it is not there by design, or the class of a failure; and that they leave no room behind. */
export async function seenBy({ url, apiKey, apiSecret }: Omit<LivekitAccess, 'httpUrl'>, secret = apiSecret) {
  const key = { apiKey, apiSecret: new Secret(secret) };
  const { probes, close } = livekitProbes({ url: () => url, clock: systemClock, key: () => key });
  const look = async () =>
    Promise.all(probes.map(async (probe) => [probe.target, await probe.look(new AbortController().signal)] as const));
  const glances = await look();
  await close();
  expect(JSON.stringify(glances)).not.toMatch(/eyJ/);
  return Object.fromEntries(
    glances.map(([target, { failure, absent }]) => [target, failure?.class ?? (absent ? 'absent' : 'well')]),
  );
}

/** Names of all rooms there are. */
export async function roomsOf(access: LivekitAccess): Promise<readonly string[]> {
  const { rooms, close } = livekitRooms(access);
  const names = (await rooms.list()).map(({ name }) => name);
  await close();
  return names;
}
