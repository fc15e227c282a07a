import { decodeJwt, jwtVerify } from 'jose';
import { describe, expect, test } from 'vitest';
import { rateOf } from '../../../src/adapters/livekit/api/transport.ts';
import { ControlError } from '../../../src/runtime/control-error.ts';
import { Secret } from '../../../src/secret.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';
import { apiKey, apiSecret, errorOf, oddLivekit, reply } from './odd-livekit.ts';

const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJkZXZrZXkifQ.c2lnbmF0dXJl';
const twirp = (code: string, msg: string, meta?: object) => ({ code, msg, ...(meta && { meta }) });

/** What came of one request of this kind to a server that answers so. */
async function failing(status: number, body: object | string, headers: Readonly<Record<string, string>> = {}) {
  const { api, asked } = await oddLivekit((response) => reply(response, status, body, headers));
  const error = await errorOf(api.rooms.listRooms());
  expect(error).toBeInstanceOf(ControlError);
  expect(asked).toHaveLength(1);
  return error as ControlError;
}

describe('what a server answers', () => {
  test.each([
    ['a key it does not know', 401, 'invalid API key: key', 'unauthorized', { class: 'auth', retryable: false }],
    [
      'a token without the right',
      401,
      twirp('unauthenticated', 'permissions denied'),
      'forbidden',
      { class: 'auth', vendorCode: 'unauthenticated' },
    ],
    [
      'LiveKit Cloud’s word for it',
      403,
      twirp('permission_denied', 'no'),
      'forbidden',
      { class: 'auth', retryable: false },
    ],
    [
      'a room that is not there',
      404,
      twirp('not_found', 'requested room does not exist'),
      'not_found',
      { class: 'api', retryable: false },
    ],
    ['a method it does not know', 404, twirp('bad_route', 'no handler'), 'unsupported', { retryable: false }],
    ['a page of some other server', 404, '<html>nothing here</html>', 'unsupported', { retryable: false }],
    ['a way to somewhere else', 302, '', 'unsupported', { httpStatus: 302 }],
    [
      'what it calls invalid',
      400,
      twirp('invalid_argument', 'too long'),
      'invalid',
      { vendorCode: 'invalid_argument' },
    ],
    ['a body too large for what stands before it', 413, 'too large', 'invalid', { retryable: false }],
    ['a state that does not allow it', 412, twirp('failed_precondition', 'not now'), 'refused', { retryable: false }],
    ['no Redis', 500, twirp('internal', 'sip not connected (redis required)'), 'unsupported', { retryable: false }],
    [
      'a fault of its own',
      500,
      twirp('internal', 'oh'),
      'unavailable',
      { class: 'api', sub: 'server', retryable: true },
    ],
    ['a gateway without a server', 502, 'bad gateway', 'unavailable', { retryable: true, httpStatus: 502 }],
    ['a success that is no JSON', 200, 'OK', 'broken', { retryable: true }],
    ['a success that is no object', 200, '"OK"', 'broken', { retryable: true }],
    ['a success of another shape', 200, { rooms: 'none' }, 'broken', { retryable: true }],
  ])('%s: %i is told by our word, LiveKit’s, and whether to ask again', async (_, status, body, code, failure) => {
    const error = await failing(status, body);
    expect(error).toMatchObject({
      name: 'ControlError',
      code,
      failure: { vendor: 'livekit', phase: 'rest', ...failure },
    });
  });

  test('too many requests: when to ask again', async () => {
    const error = await failing(429, twirp('resource_exhausted', 'slow down'), { 'retry-after': '3' });
    expect(error).toMatchObject({ code: 'rate', maybeDone: false, failure: { retryable: true, retryAfterMs: 3000 } });
  });

  test('a busy telephone is no rate limit', async () => {
    const busy = twirp('resource_exhausted', 'busy', { sip_status_code: '486', sip_status: 'Busy Here' });
    const error = await failing(429, busy);
    expect(error).toMatchObject({ code: 'sip', failure: { class: 'sip', vendorCode: '486', retryable: false } });
  });

  test('R8.1 no token that LiveKit echoes, and no password of a room or trunk, is in the error', async () => {
    const error = await failing(401, `invalid token: ${jwt}, error: go-jose: error`);
    expect(error.message).toContain('invalid token: [token]');
    const leak = await failing(400, twirp('invalid_argument', '{"turnPassword":"hush1","auth_password":"hush2"}'));
    for (const each of [error, leak]) expect(JSON.stringify([each, each.message, each.stack])).not.toMatch(/eyJ|hush/);
  });
});

describe('a server that does not answer', () => {
  test('hangs: after the time limit, not before', async () => {
    const clock = createVirtualClock(Date.now());
    const { api, asked } = await oddLivekit(() => undefined, { clock });
    const error = errorOf(api.rooms.createRoom({ name: 'one' }));
    await expect.poll(() => asked.length).toBe(1);
    await clock.advance(9999);
    expect(clock.pending()).toBe(1);
    await clock.advance(1);
    expect(await error).toMatchObject({
      code: 'timeout',
      maybeDone: true,
      failure: { class: 'network', sub: 'stall' },
    });
  });

  test('cuts, before or within its answer', async () => {
    const { api } = await oddLivekit((response, { rpc }) => {
      if (rpc.endsWith('ListRooms')) return void response.socket?.destroy();
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
      response.write('{"name":', () => response.socket?.destroy());
    });
    const cut = { code: 'unavailable', maybeDone: true, failure: { class: 'network', retryable: true } };
    expect(await errorOf(api.rooms.listRooms())).toMatchObject(cut);
    expect(await errorOf(api.rooms.createRoom({ name: 'one' }))).toMatchObject(cut);
  });

  test('is not there: nothing was done', async () => {
    const { api } = await oddLivekit(() => undefined, { url: 'ws://127.0.0.1:9' });
    expect(await errorOf(api.sip.createSipParticipant('ST_1', '+1', 'room'))).toMatchObject({
      code: 'unavailable',
      maybeDone: false,
      failure: { class: 'network', errno: 'ECONNREFUSED', retryable: true },
    });
  });

  test('sends more than any LiveKit would', async () => {
    const { api } = await oddLivekit((response) => reply(response, 200, 'x'.repeat(33 * 1024 * 1024)));
    expect(await errorOf(api.rooms.listRooms())).toMatchObject({ code: 'broken' });
  });
});

describe('nothing is repeated', () => {
  const data = new Uint8Array([1]);
  test.each([
    ['CreateSIPParticipant', (api: Api) => api.sip.createSipParticipant('ST_1', '+1', 'room'), false],
    ['TransferSIPParticipant', (api: Api) => api.sip.transferSipParticipant('room', 'one', 'tel:+1'), false],
    ['SendData', (api: Api) => api.rooms.sendData('room', data, 0, {}), false],
    ['StartWebEgress', (api: Api) => api.egress.startWebEgress('https://example.com', {}), false],
    ['CreateSIPInboundTrunk', (api: Api) => api.sip.createSipInboundTrunk('one', ['+1']), false],
    ['RemoveParticipant', (api: Api) => api.rooms.removeParticipant('room', 'one'), true],
    ['DeleteRoom', (api: Api) => api.rooms.deleteRoom('room'), true],
    ['CreateRoom', (api: Api) => api.rooms.createRoom({ name: 'room' }), true],
  ])('%s goes out once; only what leaves things the same may be asked again', async (method, ask, retryable) => {
    const { api, asked } = await oddLivekit((response) => void response.socket?.destroy());
    expect(await errorOf(ask(api))).toMatchObject({ maybeDone: true, failure: { retryable } });
    expect(asked.map(({ rpc }) => rpc.split('/')[1])).toEqual([method]);
  });
});

type Api = Awaited<ReturnType<typeof oddLivekit>>['api'];

describe('the pool', () => {
  test('D9.1 R9.2 300 requests at once take no more than 100 sockets, which are kept for the next', async () => {
    const waiting: (() => void)[] = [];
    let most = 0;
    const { api, sockets } = await oddLivekit((response) => {
      waiting.push(() => reply(response, 200, { participants: [] }));
      most = Math.max(most, waiting.length);
      if (waiting.length === 100) for (const answer of waiting.splice(0)) answer();
    });
    const ask = () => Promise.all(Array.from({ length: 300 }, () => api.rooms.listParticipants('room')));
    await ask();
    expect([most, sockets()]).toEqual([100, 100]);
    await ask();
    expect(sockets()).toBe(100);
  });

  test('requests beyond 2,000 under way are refused, and take no place from those after them', async () => {
    const waiting: (() => void)[] = [];
    let open = false;
    const { api } = await oddLivekit((response) => {
      if (open) reply(response, 200);
      else waiting.push(() => reply(response, 200));
    });
    const refused: unknown[] = [];
    const ask = () => api.rooms.listRooms().catch((error: unknown) => void refused.push(error));
    const all = Array.from({ length: 2100 }, ask);
    await expect.poll(() => refused.length).toBe(100);
    expect(refused[0]).toMatchObject({ code: 'rate', maybeDone: false, failure: { retryable: true } });
    open = true;
    for (const answer of waiting) answer();
    await Promise.all(all);
    expect(await api.rooms.listRooms()).toEqual([]);
    expect(refused).toHaveLength(100);
  });

  test('what is under way is answered before it closes; afterwards nothing is sent', async () => {
    const held = Promise.withResolvers<() => void>();
    const { api, asked } = await oddLivekit((response) => held.resolve(() => reply(response, 200)));
    const rooms = api.rooms.listRooms();
    const answer = await held.promise;
    const closed = api.close();
    answer();
    expect(await rooms).toEqual([]);
    await closed;
    expect(await errorOf(api.rooms.listRooms())).toMatchObject({ code: 'unavailable', maybeDone: false });
    expect(asked).toHaveLength(1);
  });

  test('R3.4 what is not answered within two seconds, such as a telephone that rings, holds up no close', async () => {
    const clock = createVirtualClock(Date.now());
    const came = Promise.withResolvers<void>();
    const { api } = await oddLivekit(() => came.resolve(), { clock });
    const rooms = errorOf(api.rooms.listRooms());
    await came.promise;
    const closed = api.close();
    await clock.advance(2000);
    await closed;
    expect(await rooms).toMatchObject({ code: 'unavailable', maybeDone: true });
  });
});

describe('the limiter', () => {
  test('D9.1 lets so many go in a second, and refuses who would wait longer than 5 s', async () => {
    const clock = createVirtualClock(Date.now());
    const { api, asked } = await oddLivekit((response) => reply(response, 200), { clock, perSecond: 16 });
    const all = Promise.allSettled(Array.from({ length: 97 }, () => api.rooms.listRooms()));
    await expect.poll(() => asked.length).toBe(16);
    for (let sent = 16; sent < 96; sent += 16) {
      await clock.advance(1000);
      await expect.poll(() => asked.length).toBe(sent + 16);
    }
    const refused = (await all).find(({ status }) => status === 'rejected');
    expect(refused).toMatchObject({
      reason: { code: 'rate', maybeDone: false, failure: { sub: 'rate', retryable: true, retryAfterMs: 5063 } },
    });
  });

  test('16 a second for LiveKit Cloud; a server of one’s own as often as need be', () => {
    const hosts = ['one.livekit.cloud', 'livekit.example', 'one.livekit.cloud.example', '127.0.0.1'];
    expect(hosts.map(rateOf)).toEqual([16, undefined, undefined, undefined]);
  });
});

const down = (status: number, body: object | string) => {
  let up = false;
  const clock = createVirtualClock(Date.now());
  const opened = oddLivekit((response) => (up ? reply(response, 200) : reply(response, status, body)), { clock });
  return { clock, opened, mend: () => (up = true) };
};

describe('the breaker', () => {
  test('after five outages nothing is sent for 2 s; then one request finds out', async () => {
    const { clock, opened, mend } = down(503, 'no server');
    const { api, asked } = await opened;
    for (let at = 0; at < 5; at += 1) await errorOf(api.rooms.listRooms());
    expect(await errorOf(api.rooms.listRooms())).toMatchObject({
      code: 'unavailable',
      maybeDone: false,
      failure: { retryable: true, retryAfterMs: 2000 },
    });
    expect(asked).toHaveLength(5);
    mend();
    await clock.advance(2000);
    expect(await api.rooms.listRooms()).toEqual([]);
    expect(await api.rooms.listRooms()).toEqual([]);
  });

  test('503s that mean an unknown participant, or nobody behind LiveKit, are no outage', async () => {
    const { api, asked } = await down(503, twirp('unavailable', 'no response from servers')).opened;
    for (let at = 0; at < 10; at += 1) await errorOf(api.rooms.mutePublishedTrack('room', 'nobody', 'TR_1', true));
    for (let at = 0; at < 10; at += 1) await errorOf(api.sip.createSipParticipant('ST_1', '+1', 'room'));
    expect(asked).toHaveLength(20);
  });

  test.each([
    [401, 'invalid API key'],
    [404, twirp('not_found', 'none')],
    [429, twirp('resource_exhausted', 'slow')],
  ])('%i is no outage', async (status, body) => {
    const { api, asked } = await down(status, body).opened;
    for (let at = 0; at < 10; at += 1) await errorOf(api.rooms.listRooms());
    expect(asked).toHaveLength(10);
  });
});

describe('R1.4 each request carries a token of its own as a Bearer', () => {
  test('R1.3 to Twirp’s address, with the rights of that request alone, for a minute', async () => {
    const nowMs = 1_800_000_000_500;
    const clock = createVirtualClock(nowMs);
    const { api, asked } = await oddLivekit((response) => reply(response, 200), { clock });
    await api.rooms.getParticipant('room-1', 'one');
    const [{ rpc, token, body } = { rpc: '', token: '', body: '' }] = asked;
    expect([rpc, body]).toEqual(['RoomService/GetParticipant', { room: 'room-1', identity: 'one' }]);
    const at = nowMs / 1000 - 0.5;
    expect(decodeJwt(token)).toEqual({
      iss: apiKey,
      iat: at,
      nbf: at,
      exp: at + 60,
      video: { roomAdmin: true, room: 'room-1' },
    });
    const secret = new TextEncoder().encode(apiSecret.reveal());
    const checked = await jwtVerify(token, secret, { algorithms: ['HS256'], currentDate: new Date(nowMs) });
    expect(checked.payload.iss).toBe(apiKey);
  });

  test('signed by the key of now', async () => {
    let key = { apiKey, apiSecret };
    const { api, asked } = await oddLivekit((response) => reply(response, 200), { key: () => key });
    await api.rooms.listRooms();
    key = { apiKey: 'next', apiSecret: new Secret('other-other-other-other-other-other') };
    await api.ingress.listIngress();
    expect(asked.map(({ token }) => decodeJwt(token).iss)).toEqual([apiKey, 'next']);
  });
});

test('what the SDK itself does not send is an error of the same kind', async () => {
  const { api, asked } = await oddLivekit((response) => reply(response, 200));
  const error = await errorOf(api.ingress.createIngress(0, {} as never));
  expect(error).toMatchObject({ name: 'ControlError', code: 'invalid', failure: { retryable: false } });
  expect(asked).toEqual([]);
});

test('D5.2 each request that was sent is told of: which service, what for, how long, and what failed', async () => {
  const seen: unknown[] = [];
  const clock = createVirtualClock(1_800_000_000_000);
  const { api } = await oddLivekit(
    (response, { rpc }) => (rpc.startsWith('SIP') ? reply(response, 503, '') : reply(response, 200)),
    { clock, seen: (sighting) => seen.push(sighting) },
  );
  await api.rooms.listRooms();
  await api.egress.listEgress();
  await api.ingress.listIngress();
  await errorOf(api.sip.listSipInboundTrunk());
  const use = { by: 'use', at: 1_800_000_000_000, tookMs: 0 };
  expect(seen).toEqual([
    { ...use, target: 'livekit-room', operation: 'ListRooms' },
    { ...use, target: 'livekit-egress', operation: 'ListEgress' },
    { ...use, target: 'livekit-ingress', operation: 'ListIngress' },
    {
      ...use,
      target: 'livekit-sip',
      operation: 'ListSIPInboundTrunk',
      failure: expect.objectContaining({ class: 'api', sub: 'server', httpStatus: 503 }),
    },
  ]);
});
