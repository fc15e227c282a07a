import { describe, expect, test } from 'vitest';
import { createLivekitIngresses } from '../../../src/adapters/livekit/api/ingresses.ts';
import { createLivekitRooms } from '../../../src/adapters/livekit/api/rooms.ts';
import { ask, controlDoor } from '../../support/control-door.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';
import { oddLivekit, reply } from './odd-livekit.ts';

const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJkZXZrZXkifQ.c2lnbmF0dXJl';
const obs = { input: 'rtmp', name: 'obs-stream', room: 'streaming-room', identity: 'streamer' };

const requests: readonly (readonly [string, string, unknown?])[] = [
  ['GET', '/v1/rooms'],
  ['POST', '/v1/rooms', { name: 'streaming-room' }],
  ['GET', '/v1/rooms/streaming-room'],
  ['DELETE', '/v1/rooms/streaming-room'],
  ['POST', '/v1/rooms/streaming-room/data', { text: 'x' }],
  ['GET', '/v1/rooms/streaming-room/participants'],
  ['GET', '/v1/rooms/streaming-room/participants/a'],
  ['PATCH', '/v1/rooms/streaming-room/participants/a', { permissions: { canPublish: true } }],
  ['DELETE', '/v1/rooms/streaming-room/participants/a'],
  ['POST', '/v1/rooms/streaming-room/participants/a/tracks/TR_1/mute', { muted: true }],
  ['POST', '/v1/rooms/streaming-room/participants/a/subscriptions', { trackSids: ['TR_1'], subscribed: true }],
  ['GET', '/v1/ingress'],
  ['POST', '/v1/ingress', obs],
  ['GET', '/v1/ingress/IN_1'],
  ['PATCH', '/v1/ingress/IN_1', { enabled: false }],
  ['DELETE', '/v1/ingress/IN_1'],
];

type Odd = Parameters<typeof oddLivekit>[0];

async function all(answer: Odd, options: Parameters<typeof oddLivekit>[1] = {}) {
  const { api, asked } = await oddLivekit(answer, options);
  const door = controlDoor({ rooms: createLivekitRooms(api), ingresses: createLivekitIngresses(api) });
  const told = await Promise.all(requests.map(([method, path, body]) => ask(door, method, path, body)));
  return { told, asked };
}

describe('every route, when LiveKit', () => {
  test.each<[string, number, object | string, number, string]>([
    ['does not know our key', 401, 'invalid API key: key', 502, 'livekit_unauthorized'],
    ['echoes our token', 401, `invalid token: ${jwt}`, 502, 'livekit_unauthorized'],
    ['lacks a right in it', 401, { code: 'unauthenticated', msg: 'permissions denied' }, 502, 'livekit_forbidden'],
    ['knows no such thing', 404, { code: 'not_found', msg: 'not there' }, 404, 'livekit_not_found'],
    ['is asked too often', 429, { code: 'resource_exhausted', msg: 'slow down' }, 429, 'livekit_rate'],
    ['fails', 500, { code: 'internal', msg: 'oh' }, 503, 'livekit_unavailable'],
    ['has no Redis', 500, { code: 'internal', msg: 'not connected (redis required)' }, 422, 'livekit_unsupported'],
    ['is no LiveKit', 200, '<html>', 502, 'livekit_broken'],
  ])('%s, says so with a code and no token', async (_, status, body, ours, code) => {
    const { told } = await all((response) => reply(response, status, body));
    expect(new Set(told.map((each) => `${each.status} ${each.body.code}`))).toEqual(new Set([`${ours} ${code}`]));
    expect(told.every(({ text }) => !/eyJ|secretsecret/.test(text))).toBe(true);
  });

  test('cuts the connection, says so, and asks once', async () => {
    const { told, asked } = await all((response) => void response.destroy());
    expect(new Set(told.map((each) => `${each.status} ${each.body.code}`))).toEqual(
      new Set(['503 livekit_unavailable']),
    );
    expect(asked).toHaveLength(requests.length);
  });

  test('hangs, says so in time', async () => {
    const clock = createVirtualClock(Date.now());
    let came = 0;
    const asking = all(
      () => {
        came += 1;
        if (came === requests.length) void clock.advance(10_001);
      },
      { clock },
    );
    const { told } = await asking;
    expect(new Set(told.map((each) => `${each.status} ${each.body.code}`))).toEqual(new Set(['504 livekit_timeout']));
  });
});
