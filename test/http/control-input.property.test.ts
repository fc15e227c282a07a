import { expect, test } from 'vitest';
import { ask, controlDoor } from '../support/control-door.ts';
import { createFakeIngresses } from '../support/fakes/fake-ingresses.ts';
import { createFakeRooms } from '../support/fakes/fake-rooms.ts';
import * as fc from '../support/properties.ts';

const there = '/v1/rooms/streaming-room';
const routes = [
  ['POST', '/v1/rooms'],
  ['POST', `${there}/data`],
  ['PATCH', `${there}/participants/guest`],
  ['POST', `${there}/participants/guest/tracks/TR_1/mute`],
  ['POST', `${there}/participants/guest/subscriptions`],
  ['POST', '/v1/ingress'],
  ['PATCH', '/v1/ingress/IN_1'],
] as const;

/** Fields that there are, with values of every kind; some of them good ones. */
const fields = {
  name: 'obs-stream',
  room: 'streaming-room',
  identity: 'streamer',
  input: 'url',
  url: 'https://media.example/a.mp4',
  metadata: { a: 1 },
  permissions: { canPublish: false },
  attributes: { a: '1' },
  text: 'x',
  to: ['guest'],
  muted: true,
  trackSids: ['TR_1'],
  subscribed: false,
  video: { preset: 'h264_720p_30fps_1_layer' },
};
const value = (good: unknown) => fc.oneof(fc.constant(good), fc.jsonValue({ maxDepth: 2 }));
const shaped = fc.record(Object.fromEntries(Object.entries(fields).map(([name, good]) => [name, value(good)])), {
  requiredKeys: [],
});
const body = fc.oneof(shaped, fc.jsonValue({ maxDepth: 3 }));

/** A door takes ten times as long to build as a request does: ten go to each. */
const requests = fc.array(fc.tuple(fc.constantFrom(...routes), body), { minLength: 10, maxLength: 10 });

test('whatever JSON comes, it is done or refused, with a field where it cannot be read', async () => {
  const property = fc.asyncProperty(requests, async (sent) => {
    const fake = createFakeRooms();
    const door = controlDoor({ rooms: fake.rooms, ingresses: createFakeIngresses().ingresses });
    await ask(door, 'POST', '/v1/rooms', { name: 'streaming-room' });
    fake.enter('streaming-room', 'guest');
    for (const [[method, path], json] of sent) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const { status, body: told } = await ask(door, method, path, json ?? null);
      expect(status).toBeLessThan(500);
      if (status === 400) expect([typeof told.field, told.title]).toEqual(['string', expect.stringMatching(/\S/)]);
    }
  });
  await fc.assert(property, { numRuns: 40 });
});
