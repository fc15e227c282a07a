import { RoomServiceClient } from 'livekit-server-sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Egress } from '../../src/actors/egress.ts';
import { createLivekitApi, type LivekitApi } from '../../src/adapters/livekit/api/api.ts';
import { createLivekitEgress } from '../../src/adapters/livekit/api/egress.ts';
import { createMemoryEgresses } from '../../src/adapters/memory/egress-store.ts';
import { systemClock } from '../../src/clock.ts';
import { egressRequest, readStorages } from '../../src/egress.ts';
import { delaysMs } from '../../src/machines/deadlines.ts';
import { onlyInstance } from '../../src/runtime/alone.ts';
import { openEgressBook } from '../../src/runtime/egress-book.ts';
import { Secret } from '../../src/secret.ts';
import { machineOfEgress } from '../../src/wiring/egresses.ts';
import { orderFor } from '../support/contracts/egress.ts';
import { startLivekitWithRedis } from '../support/livekit-with-redis.ts';

const room = 'streaming-room';
const { storages } = readStorages({});

describe('a real livekit-server with Redis and without a recorder', () => {
  let server: Awaited<ReturnType<typeof startLivekitWithRedis>>;
  let api: LivekitApi;
  let egress: Egress;
  beforeAll(async () => {
    server = await startLivekitWithRedis();
    const { url, httpUrl, apiKey, apiSecret } = server;
    api = createLivekitApi({ url, clock: systemClock, key: () => ({ apiKey, apiSecret: new Secret(apiSecret) }) });
    egress = createLivekitEgress(api, storages);
    await new RoomServiceClient(httpUrl, apiKey, apiSecret).createRoom({ name: room });
  });
  afterAll(async () => {
    await api?.close();
    await server?.stop();
  });

  test('R4.5 lists none, and knows none of an id', async () => {
    expect(await egress.list({ room })).toEqual([]);
    expect(await egress.list({ egressId: 'EG_none' })).toEqual([]);
  });

  test('R4.1 says at once that a room is not there', async () => {
    await expect(egress.start(orderFor({ kind: 'room', room: 'nowhere' }))).rejects.toMatchObject({
      code: 'not_found',
      maybeDone: false,
    });
  });

  test('R4.1 is asked once, looked at for as long as it may still begin, and then nobody knows', async () => {
    let starts = 0;
    const counted: Egress = { ...egress, start: (order) => ((starts += 1), egress.start(order)) };
    const clock = systemClock;
    const book = await openEgressBook(
      {
        egress: counted,
        store: createMemoryEgresses(),
        alone: onlyInstance,
        storages,
        newId: () => 'e1',
        limits: () => undefined,
        clock,
        machineOf: machineOfEgress(counted, clock),
      },
      async () => new Set(),
    );
    const view = await book.start(egressRequest.parse({ kind: 'room', room, outputs: [{ type: 'mp4' }] }));
    expect(view.state).toBe('asking');
    const state = async () => (await book.get('e1'))?.state;
    await expect.poll(state, { timeout: 15_000 }).toBe('finding');
    await expect.poll(state, { timeout: delaysMs.egressFound + 5_000, interval: 500 }).toBe('unknown');
    expect(starts).toBe(1);
    await book.close();
  });
});
