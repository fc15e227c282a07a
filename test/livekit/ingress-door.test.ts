import { expect, onTestFinished, test } from 'vitest';
import { startLiveKitFront } from '../../emulators/livekit/front.ts';
import { createLivekitApi } from '../../src/adapters/livekit/api/api.ts';
import { createLivekitIngresses } from '../../src/adapters/livekit/api/ingresses.ts';
import { createLivekitRooms } from '../../src/adapters/livekit/api/rooms.ts';
import { systemClock } from '../../src/clock.ts';
import { Secret } from '../../src/secret.ts';
import { ask, controlDoor } from '../support/control-door.ts';
import { sharedLivekit } from '../support/hub.ts';
import { disposeAtEnd } from './livekit-world.ts';

disposeAtEnd();

test('D7.1 D7.4 obs-stream is on air in streaming-room as streamer until it is deleted', async () => {
  const { url, apiKey, apiSecret } = sharedLivekit();
  const front = await startLiveKitFront({ upstream: url, apiKey, apiSecret });
  const key = { apiKey, apiSecret: new Secret(apiSecret) };
  const api = createLivekitApi({ url: front.url, clock: systemClock, key: () => key });
  onTestFinished(async () => {
    await api.close();
    await front.close();
  });
  // Other tests leave rooms on this server, which LiveKit forgets within a minute.
  const mostRooms = 1_000;
  const door = controlDoor({ rooms: createLivekitRooms(api), ingresses: createLivekitIngresses(api), mostRooms });
  const room = '/v1/rooms/streaming-room';
  const obs = { input: 'rtmp', name: 'obs-stream', room: 'streaming-room', identity: 'streamer' };

  expect((await ask(door, 'POST', '/v1/rooms', { name: 'streaming-room' })).status).toBe(201);
  const made = await ask(door, 'POST', '/v1/ingress', obs);
  expect(made).toMatchObject({ status: 201, body: { ...obs, state: 'inactive' } });
  await front.connectStreamer(made.body.publish.key);
  expect((await ask(door, 'GET', `/v1/ingress/${made.body.id}`)).body).toMatchObject({ state: 'publishing' });
  await expect
    .poll(() => ask(door, 'GET', `${room}/participants/streamer`))
    .toMatchObject({ status: 200, body: { identity: 'streamer', kind: 'ingress', state: 'active' } });

  expect((await ask(door, 'DELETE', `/v1/ingress/${made.body.id}`)).status).toBe(204);
  await expect.poll(() => ask(door, 'GET', `${room}/participants`)).toMatchObject({ body: { participants: [] } });
  expect((await ask(door, 'DELETE', room)).status).toBe(204);
});
