import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { CreateSIPParticipantRequest, SIPParticipantInfo } from '@livekit/protocol';
import { SignJWT } from 'jose';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { apiKey, apiSecret, openWorld, room, trunk, type World } from './stand-in.ts';

type Claims = Record<string, unknown>;

const tokenOf = (claims: Claims, { secret = apiSecret, key = apiKey, algorithm = 'HS256', life = 60 } = {}) =>
  new SignJWT(claims)
    .setProtectedHeader({ alg: algorithm })
    .setIssuer(key)
    .setExpirationTime(Math.floor(Date.now() / 1000) + life)
    .sign(new TextEncoder().encode(secret));

const all: Claims = { sip: { call: true }, video: { roomAdmin: true, room, roomRecord: true, ingressAdmin: true } };
const call = { sip_trunk_id: trunk, sip_call_to: '+1555', room_name: room };

async function ask(world: World, method: string, body: object | string | Uint8Array, headers: Record<string, string>) {
  const response = await fetch(`${world.front.httpUrl}/twirp/livekit.${method}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  const isJson = response.headers.get('content-type') === 'application/json';
  const text = bytes.toString('utf8').trim();
  return { status: response.status, bytes, body: isJson ? JSON.parse(text) : text };
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const quick = { settings: { callee: { afterMs: 0 } } };

describe('a request', () => {
  test('in snake_case or camelCase is answered in snake_case', async () => {
    const world = await openWorld(quick);
    const headers = bearer(await tokenOf(all));
    const snake = await ask(world, 'SIP/CreateSIPParticipant', call, headers);
    expect(snake.body).toMatchObject({ participant_identity: 'sip_+1555', room_name: room });
    const camel = { sipTrunkId: trunk, sipCallTo: '+1555', roomName: room };
    expect((await ask(world, 'SIP/CreateSIPParticipant', camel, headers)).status).toBe(200);
  });

  test('in protobuf is answered in protobuf', async () => {
    const world = await openWorld(quick);
    const request = new CreateSIPParticipantRequest({ sipTrunkId: trunk, sipCallTo: '+1555', roomName: room });
    const headers = { ...bearer(await tokenOf(all)), 'content-type': 'application/protobuf' };
    const { bytes } = await ask(world, 'SIP/CreateSIPParticipant', request.toBinary(), headers);
    expect(SIPParticipantInfo.fromBinary(bytes).participantIdentity).toBe('sip_+1555');
  });

  test.each([
    ['with a field there is not', { ...call, nonsense: 1 }, 'application/json', /key "nonsense" is unknown/],
    ['with one deep inside', { ...call, media: { odd: 1 } }, 'application/json', /key "odd" is unknown/],
    ['that is no JSON', '{', 'application/json', /could not be decoded/],
    ['with a field of a wrong type', { ...call, room_name: 1 }, 'application/json', /could not be decoded/],
    ['with a number of no field', Uint8Array.of(0xa0, 0x1f, 0x01), 'application/protobuf', /has no field 500/],
  ])('%s is malformed', async (_, body, type, msg) => {
    const world = await openWorld(quick);
    const headers = { ...bearer(await tokenOf(all)), 'content-type': type };
    const answer = await ask(world, 'SIP/CreateSIPParticipant', body, headers);
    expect(answer).toMatchObject({ status: 400, body: { code: 'malformed', msg: expect.stringMatching(msg) } });
  });

  test('of another type is a bad route', async () => {
    const world = await openWorld(quick);
    const headers = { ...bearer(await tokenOf(all)), 'content-type': 'text/plain' };
    const answer = await ask(world, 'SIP/CreateSIPParticipant', '{}', headers);
    expect(answer).toMatchObject({ status: 404, body: { code: 'bad_route' } });
  });
});

describe('rights', () => {
  const rows: readonly (readonly [
    method: string,
    body: object,
    right: readonly [place: 'sip' | 'video', name: string],
  ])[] = [
    ['SIP/CreateSIPParticipant', call, ['sip', 'call']],
    [
      'SIP/TransferSIPParticipant',
      { room_name: room, participant_identity: 'a', transfer_to: 'tel:1' },
      ['sip', 'call'],
    ],
    [
      'SIP/TransferSIPParticipant',
      { room_name: room, participant_identity: 'a', transfer_to: 'tel:1' },
      ['video', 'roomAdmin'],
    ],
    [
      'SIP/TransferSIPParticipant',
      { room_name: room, participant_identity: 'a', transfer_to: 'tel:1' },
      ['video', 'room'],
    ],
    ...['StartRoomCompositeEgress', 'StartWebEgress', 'StartParticipantEgress', 'StartTrackCompositeEgress'].map(
      (name) => [`Egress/${name}`, {}, ['video', 'roomRecord']] as const,
    ),
    ...['StartTrackEgress', 'StartEgress', 'UpdateLayout', 'UpdateStream', 'ListEgress', 'StopEgress'].map(
      (name) => [`Egress/${name}`, {}, ['video', 'roomRecord']] as const,
    ),
    ...['CreateIngress', 'UpdateIngress', 'ListIngress', 'DeleteIngress'].map(
      (name) => [`Ingress/${name}`, {}, ['video', 'ingressAdmin']] as const,
    ),
  ];
  const denied = { status: 401, body: { code: 'unauthenticated', msg: 'permissions denied' } };

  test('one left out is refused, and so is no token at all', async () => {
    const world = await openWorld(quick);
    const answers = await Promise.all(
      rows.map(async ([method, body, [place, name]]) => {
        const claims = structuredClone(all) as Record<string, Record<string, unknown>>;
        delete claims[place]![name];
        const without = await ask(world, method, body, bearer(await tokenOf(claims)));
        return [without, await ask(world, method, body, {})];
      }),
    );
    for (const [without, none] of answers) {
      expect(without).toMatchObject(denied);
      expect(none).toMatchObject(denied);
    }
  });

  test.each([
    ['no bearer', { authorization: 'Basic x' }, /^invalid authorization header. Must start with Bearer$/],
    ['no token', bearer('x'), /^invalid authorization token$/],
    ['an unknown key', { key: 'other' }, /^invalid API key: other$/],
    ['another secret', { secret: 'x'.repeat(32) }, /^invalid token: eyJ.*, error: /],
    ['HS512', { algorithm: 'HS512' }, /^invalid token: eyJ/],
    ['an end a minute ago', { life: -62 }, /^invalid token: eyJ.*token is expired$/],
  ])('a header with %s is refused in plain text', async (_, given, text) => {
    const world = await openWorld(quick);
    const headers = 'authorization' in given ? given : bearer(await tokenOf(all, given));
    const answer = await ask(world, 'SIP/CreateSIPParticipant', call, headers as Record<string, string>);
    expect(answer).toMatchObject({ status: 401, body: expect.stringMatching(text) });
  });

  test('a token that ended within the last minute is let in, and one of another key of the server', async () => {
    const world = await openWorld({ ...quick, moreKeys: { other: 'y'.repeat(32) } });
    const late = await tokenOf(all, { life: -55 });
    const other = await tokenOf(all, { key: 'other', secret: 'y'.repeat(32) });
    for (const token of [late, other])
      expect((await ask(world, 'SIP/CreateSIPParticipant', call, bearer(token))).status).toBe(200);
  });
});

describe('everything else', () => {
  test('is the real server’s: requests as they came, and its refusals', async () => {
    const world = await openWorld();
    expect((await world.rooms.listRooms([room]))[0]!.sid).toBe('RM_1');
    await expect(world.rooms.getParticipant(room, 'nobody')).rejects.toMatchObject({ code: 'not_found' });
    expect(world.standIn.asked).toEqual(['RoomService/ListRooms', 'RoomService/GetParticipant']);
  });

  test('and its websockets, both ways, until one side ends', async () => {
    const world = await openWorld();
    const socket = new WebSocket(`${world.front.url}/rtc?access_token=x`);
    onTestFinished(() => socket.terminate());
    await once(socket, 'open');
    const big = 'x'.repeat(100_000);
    socket.send(big);
    const [echoed] = await once(socket, 'message');
    expect(String(echoed)).toBe(`/rtc?access_token=x ${big}`);
    socket.send('end');
    const [code, reason] = await once(socket, 'close');
    expect([code, String(reason)]).toEqual([4001, 'asked']);
  });

  test('is a bad gateway while the server is gone', async () => {
    const world = await openWorld({ upstream: 'http://127.0.0.1:9' });
    expect((await fetch(`${world.front.httpUrl}/`)).status).toBe(502);
    const error = world.sip.createSipParticipant(trunk, '+1', room);
    await expect(error).rejects.toMatchObject({ code: 'unavailable', status: 503 });
  });

  test('fails as the faults say', async () => {
    const world = await openWorld();
    world.front.faults.add({ kind: 'status', status: 503, times: 1 });
    await expect(world.rooms.listRooms()).rejects.toMatchObject({ status: 503 });
    expect(await world.rooms.listRooms()).toEqual([]);
  });
});

async function control(world: World, path: string, body?: object) {
  const init = body ? { method: 'POST', body: JSON.stringify(body) } : {};
  const response = await fetch(`${world.front.controlUrl}${path}`, init);
  return { status: response.status, body: (await response.json()) as any };
}

describe('the control address', () => {
  test('decides what callees do, while they ring and before', async () => {
    const world = await openWorld();
    await control(world, '/settings', { callees: { '+1555': { does: 'ring' } } });
    const dialled = world.sip.createSipParticipant(trunk, '+1555', room, { waitUntilAnswered: true });
    await world.front.called('+1555');
    await control(world, '/calls/answer', {});
    await dialled;
    expect((await control(world, '/calls')).body).toMatchObject([{ number: '+1555', status: 'active' }]);
    await control(world, '/calls/hang_up', {});
    expect((await control(world, '/calls/hang_up', {})).body.error).toMatch(/calls that are not over: none/);
    expect((await control(world, '/journal?type=call.active')).body).toHaveLength(1);
  });

  test('names what it does not take', async () => {
    const world = await openWorld();
    const wrong = await control(world, '/settings', { callee: { does: 'dance' } });
    expect(wrong).toMatchObject({ status: 400, body: { error: expect.stringContaining('callee.does') } });
    expect((await control(world, '/egress/break', { egress: 'EG_none' })).body.error).toMatch(/no such recording/);
  });
});

async function send(port: number, text: string, withinMs = 300): Promise<string | undefined> {
  const socket = createSocket('udp4');
  onTestFinished(() => void socket.close());
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), withinMs);
    socket.once('message', (bytes) => (clearTimeout(timer), resolve(bytes.toString())));
    socket.send(text, port, '127.0.0.1');
  });
}

const request = (method: string) =>
  [
    `${method} sip:127.0.0.1 SIP/2.0`,
    'Via: SIP/2.0/UDP 127.0.0.1:5099;branch=z9hG4bK1;rport',
    'v: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK2',
    'From: <sip:me@127.0.0.1>;tag=1',
    'To: <sip:127.0.0.1>',
    'Call-ID: 1@127.0.0.1',
    `CSeq: 7 ${method}`,
    'Max-Forwards: 70',
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');

describe('SIP on UDP', () => {
  test('answers OPTIONS with what it was asked with', async () => {
    const { front } = await openWorld();
    const lines = (await send(front.sipPort, request('OPTIONS')))!.split('\r\n');
    expect(lines.slice(0, 7)).toEqual([
      'SIP/2.0 200 OK',
      'Via: SIP/2.0/UDP 127.0.0.1:5099;branch=z9hG4bK1;rport',
      'v: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK2',
      'From: <sip:me@127.0.0.1>;tag=1',
      'To: <sip:127.0.0.1>;tag=emulated',
      'Call-ID: 1@127.0.0.1',
      'CSeq: 7 OPTIONS',
    ]);
  });

  test('answers REGISTER with 405, and what is no request with nothing', async () => {
    const { front } = await openWorld();
    expect(await send(front.sipPort, request('REGISTER'))).toMatch(/^SIP\/2\.0 405 /);
    expect(await send(front.sipPort, 'hello')).toBeUndefined();
    expect(await send(front.sipPort, 'OPTIONS sip:127.0.0.1 SIP/2.0\r\n\r\n')).toBeUndefined();
  });
});
