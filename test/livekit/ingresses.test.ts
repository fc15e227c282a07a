import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLivekitApi } from '../../src/adapters/livekit/api/api.ts';
import { createLivekitIngresses } from '../../src/adapters/livekit/api/ingresses.ts';
import { systemClock } from '../../src/clock.ts';
import { Secret } from '../../src/secret.ts';
import { ingressesContract } from '../support/contracts/ingresses.ts';
import { startLivekitWithRedis } from '../support/livekit-with-redis.ts';
import { roomsOf, seenBy } from './probes.ts';

let server: Awaited<ReturnType<typeof startLivekitWithRedis>>;

describe('with Redis', () => {
  beforeAll(async () => void (server = await startLivekitWithRedis()));
  afterAll(() => server.stop());

  // Nothing pulls here: LiveKit says so after 3 s.
  ingressesContract('LiveKit', async () => {
    const key = { apiKey: server.apiKey, apiSecret: new Secret(server.apiSecret) };
    const api = createLivekitApi({ url: server.url, clock: systemClock, key: () => key });
    return { ingresses: createLivekitIngresses(api), pulls: false, end: api.close };
  });

  test('D5.1 R7.1 R7.2 probes of a real server see all its services well, and leave it no room', async () => {
    const services = ['livekit-room', 'livekit-egress', 'livekit-ingress', 'livekit-sip', 'livekit-connect'];
    expect(await seenBy(server)).toEqual(Object.fromEntries(services.map((name) => [name, 'well'])));
    expect(await roomsOf(server)).toEqual([]);
  });
});
