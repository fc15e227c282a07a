import { beforeEach, describe, expect, test } from 'vitest';
import { ask as askOf, controlDoor } from '../support/control-door.ts';
import { createFakeIngresses } from '../support/fakes/fake-ingresses.ts';
import { createFakeRooms, type FakeRooms } from '../support/fakes/fake-rooms.ts';

const hall = 'streaming-room';
const busy = 'voice-ai-call-7';
const call = `${busy}~SCL_1`;
const named = `?call=${encodeURIComponent(call)}`;

let fake: FakeRooms;
let door: ReturnType<typeof controlDoor>;
beforeEach(() => {
  fake = createFakeRooms();
  const ingresses = createFakeIngresses().ingresses;
  door = controlDoor({ rooms: fake.rooms, ingresses, calls: { [busy]: [call, `${busy}~SCL_2`] } });
});
const ask = (method: string, path: string, body?: unknown, more?: Readonly<Record<string, string>>) =>
  askOf(door, method, path, body, more);
const open = (name: string) => ask('POST', '/v1/rooms', { name, maxParticipants: 5 });

describe('/v1/rooms', () => {
  test('R2.1 R2.2 a room is made with 300 s, 20 s and 20 places when nothing else was asked', async () => {
    const { status, body } = await ask('POST', '/v1/rooms', { name: hall, metadata: { title: 'Вечер' } });
    const room = {
      name: hall,
      sid: 'RM_1',
      metadata: '{"title":"Вечер"}',
      createdAtMs: 0,
      emptyTimeoutMs: 300_000,
      departureTimeoutMs: 20_000,
      maxParticipants: 20,
      participants: 0,
    };
    expect([status, body]).toEqual([201, room]);
    expect((await ask('GET', `/v1/rooms/${hall}`)).body).toEqual(room);
    expect((await ask('GET', '/v1/rooms')).body).toEqual({ rooms: [room] });
    expect((await ask('DELETE', `/v1/rooms/${hall}`)).status).toBe(204);
    expect(await ask('GET', `/v1/rooms/${hall}`)).toMatchObject({ status: 404, body: { code: 'room_unknown' } });
    expect(await ask('DELETE', `/v1/rooms/${hall}`)).toMatchObject({ status: 404 });
  });

  test('R9.5 of many at once no more are made than there may be, and who is refused is told to come later', async () => {
    const names = Array.from({ length: 8 }, (_, at) => `voice-ai-call-${at}`);
    const answers = await Promise.all(names.map(open));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(3);
    expect(answers.find(({ status }) => status !== 201)).toMatchObject({
      status: 429,
      body: { code: 'limit_reached', title: 'no room is left: 3 of 3 are open', retryable: true },
    });
    expect((await ask('GET', '/v1/rooms')).body.rooms).toHaveLength(3);
  });

  test('R9.5 places in all rooms together are limited', async () => {
    await ask('POST', '/v1/rooms', { name: hall, maxParticipants: 150 });
    const told = await ask('POST', '/v1/rooms', { name: busy, maxParticipants: 51 });
    expect(told).toMatchObject({
      status: 429,
      body: { title: '150 of 200 places are taken, and 51 more are asked for' },
    });
  });

  test('R2.1 under one Idempotency-Key a refusal is not kept', async () => {
    const key = { 'idempotency-key': '7f3c8a52-3f0e-4c5e-9d0a-1f2b3c4d5e6f' };
    for (const at of [1, 2, 3]) await open(`voice-ai-call-${at}`);
    expect((await ask('POST', '/v1/rooms', { name: hall }, key)).status).toBe(429);
    await ask('DELETE', '/v1/rooms/voice-ai-call-1');
    expect((await ask('POST', '/v1/rooms', { name: hall }, key)).status).toBe(201);
  });

  test('others’ rooms are neither listed nor looked at, changed nor ended', async () => {
    await fake.rooms.create({
      name: 'theirs',
      emptyTimeoutMs: 1000,
      departureTimeoutMs: 1000,
      maxParticipants: 1,
      metadata: '{}',
    });
    fake.enter('theirs', 'guest');
    expect((await ask('GET', '/v1/rooms')).body).toEqual({ rooms: [] });
    fake.asked.length = 0;
    const there = '/v1/rooms/theirs/participants';
    const answers = [
      await open('theirs'),
      await ask('GET', '/v1/rooms/theirs'),
      await ask('DELETE', '/v1/rooms/theirs'),
      await ask('POST', '/v1/rooms/theirs/data', { text: 'x' }),
      await ask('GET', there),
      await ask('GET', `${there}/guest`),
      await ask('PATCH', `${there}/guest`, { name: 'x' }),
      await ask('PATCH', `${there}/guest`, { permissions: { canPublish: false } }),
      await ask('DELETE', `${there}/guest`),
      await ask('POST', `${there}/guest/tracks/TR_1/mute`, { muted: true }),
      await ask('POST', `${there}/guest/subscriptions`, { trackSids: ['TR_1'], subscribed: false }),
    ];
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.code}`))).toEqual(new Set(['403 room_foreign']));
    expect(answers[0]!.body.fix).toMatch(/begin with voice-ai-call or be one of streaming-room/);
    expect(fake.asked).toEqual([]);
  });

  test('a room with a call in it is ended only by who names the call', async () => {
    await open(busy);
    expect(await ask('DELETE', `/v1/rooms/${busy}`)).toMatchObject({
      status: 409,
      body: { code: 'call_live', fix: expect.stringContaining(`/v1/calls/${encodeURIComponent(call)}/commands`) },
    });
    expect((await ask('DELETE', `/v1/rooms/${busy}?call=another`)).status).toBe(409);
    expect((await ask('DELETE', `/v1/rooms/${busy}${named}`)).status).toBe(204);
  });

  test('the list is in pages by name', async () => {
    for (const name of [busy, hall, 'voice-ai-call-1']) await open(name);
    const first = (await ask('GET', '/v1/rooms?limit=2')).body;
    expect([first.rooms.map(({ name }: { name: string }) => name), first.next]).toEqual([
      [hall, 'voice-ai-call-1'],
      'voice-ai-call-1',
    ]);
    const last = (await ask('GET', `/v1/rooms?limit=2&after=${first.next}`)).body;
    expect([last.rooms.length, last.next]).toEqual([1, undefined]);
    for (const query of ['limit=0', 'limit=201', 'limit=-1', `after=${'x'.repeat(1001)}`])
      expect(await ask('GET', `/v1/rooms?${query}`)).toMatchObject({ status: 400, body: { code: 'invalid' } });
  });

  test.each<[string, unknown, string]>([
    ['nothing', {}, 'name'],
    ['null', null, 'body'],
    ['a list', [], 'body'],
    ['a number for a name', { name: 7 }, 'name'],
    ['a name of 257 bytes', { name: `voice-ai-call${'x'.repeat(244)}` }, 'name'],
    ['a name with nothing to see in it', { name: 'voice-ai-call\u200b' }, 'name'],
    ['a name that is turned around', { name: 'voice-ai-call\u202e' }, 'name'],
    ['a name written in another way', { name: 'voice-ai-calle\u0301' }, 'name'],
    ['no place', { name: hall, maxParticipants: 0 }, 'maxParticipants'],
    ['half a second', { name: hall, emptyTimeoutMs: 500 }, 'emptyTimeoutMs'],
    ['metadata as text', { name: hall, metadata: '{}' }, 'metadata'],
    ['metadata of 512 KiB and 1', { name: hall, metadata: { a: 'x'.repeat(524_281) } }, 'metadata'],
    ['a field nobody knows', { name: hall, colour: 'red' }, 'body'],
  ])('%s is refused by field', async (_, body, field) => {
    const told = await ask('POST', '/v1/rooms', body);
    expect(told).toMatchObject({ status: 400, body: { code: 'invalid', field, fix: expect.stringMatching(/^Send/) } });
    expect(fake.asked).toEqual([]);
  });

  test('R2.2 a name of 256 bytes and metadata of 512 KiB are taken', async () => {
    const metadata = { a: 'x'.repeat(524_280) };
    expect((await ask('POST', '/v1/rooms', { name: `voice-ai-call${'x'.repeat(243)}`, metadata })).status).toBe(201);
  });

  test('a name that cannot be is refused in an address too', async () => {
    const long = await ask('GET', `/v1/rooms/${'x'.repeat(257)}`);
    const unseen = await ask('DELETE', '/v1/rooms/voice-ai-call%E2%80%8B');
    expect([long, unseen]).toMatchObject([
      { status: 400, body: { field: 'name' } },
      { status: 400, body: { field: 'name' } },
    ]);
  });
});

describe('/v1/rooms/{name}/data', () => {
  test('R2.4 data reaches those it is for, as text or as bytes', async () => {
    await open(hall);
    const guest = fake.enter(hall, 'guest');
    const other = fake.enter(hall, 'other');
    const told = await ask('POST', `/v1/rooms/${hall}/data`, { text: 'Привет', topic: 'chat', to: ['guest'] });
    expect([told.status, told.body]).toEqual([202, { bytes: 12 }]);
    await ask('POST', `/v1/rooms/${hall}/data`, { base64: 'AAEC' });
    expect(guest.received).toEqual([
      { bytes: new Uint8Array(Buffer.from('Привет')), topic: 'chat', to: ['guest'] },
      { bytes: new Uint8Array([0, 1, 2]) },
    ]);
    expect(other.received).toHaveLength(1);
  });

  test.each<[string, unknown]>([
    ['nothing', {}],
    ['text and bytes', { text: 'a', base64: 'AA==' }],
    ['what is no base64', { base64: '!' }],
    ['nobody', { text: 'a', to: [] }],
    ['empty text', { text: '' }],
    ['15,001 bytes', { text: 'x'.repeat(15_001) }],
  ])('%s is refused', async (_, body) => {
    await open(hall);
    expect(await ask('POST', `/v1/rooms/${hall}/data`, body)).toMatchObject({
      status: 400,
      body: { code: expect.stringMatching(/invalid$/), field: expect.any(String) },
    });
  });

  test('into a room that is not there is told', async () => {
    expect(await ask('POST', `/v1/rooms/${hall}/data`, { text: 'a' })).toMatchObject({ status: 404 });
  });
});

describe('/v1/rooms/{name}/participants', () => {
  const there = `/v1/rooms/${hall}/participants`;

  test('R2.3 who is there is listed in pages, found, changed and put out', async () => {
    await open(hall);
    for (const identity of ['b', 'a', 'c']) fake.enter(hall, identity);
    const first = (await ask('GET', `${there}?limit=2`)).body;
    expect([first.participants.map(({ identity }: { identity: string }) => identity), first.next]).toEqual([
      ['a', 'b'],
      'b',
    ]);
    expect((await ask('GET', `${there}?limit=2&after=b`)).body.participants).toMatchObject([{ identity: 'c' }]);
    const change = {
      name: 'Ada',
      metadata: { seat: 3 },
      attributes: { mood: 'good' },
      permissions: { canPublish: false },
    };
    const changed = await ask('PATCH', `${there}/a`, change);
    expect([changed.status, changed.body]).toMatchObject([
      200,
      { ...change, metadata: '{"seat":3}', permissions: { canPublish: false, canSubscribe: true } },
    ]);
    expect((await ask('GET', `${there}/a`)).body).toEqual(changed.body);
    expect((await ask('DELETE', `${there}/a`)).status).toBe(204);
    expect(await ask('GET', `${there}/a`)).toMatchObject({ status: 404, body: { code: 'livekit_not_found' } });
  });

  test('R2.4 a track is muted; unmuting is refused with the reason', async () => {
    await open(hall);
    const guest = fake.enter(hall, 'guest');
    const path = `${there}/guest/tracks/${guest.summary.tracks[0]!.sid}/mute`;
    expect(await ask('POST', path, { muted: true })).toMatchObject({ status: 200, body: { muted: true } });
    expect(await ask('POST', path, { muted: false })).toMatchObject({
      status: 409,
      body: { code: 'livekit_refused', title: expect.stringContaining('room.enable_remote_unmute'), retryable: false },
    });
  });

  test('R2.4 what somebody hears is changed', async () => {
    await open(hall);
    const guest = fake.enter(hall, 'guest');
    const { sid } = fake.enter(hall, 'other').summary.tracks[0]!;
    const told = await ask('POST', `${there}/guest/subscriptions`, { trackSids: [sid], subscribed: false });
    expect([told.status, guest.subscribed.has(sid)]).toEqual([204, false]);
  });

  test('an empty room has nobody, and one that is not there is told', async () => {
    await open(hall);
    expect((await ask('GET', there)).body).toEqual({ participants: [] });
    expect(await ask('GET', '/v1/rooms/voice-ai-call-9/participants')).toMatchObject({
      status: 404,
      body: { code: 'room_unknown' },
    });
  });

  test('in a call only who names it may put out, silence, cut off or take rights', async () => {
    await open(busy);
    const guest = fake.enter(busy, 'caller');
    const { sid } = guest.summary.tracks[0]!;
    const caller = `/v1/rooms/${busy}/participants/caller`;
    const disturbing = [
      ['PATCH', caller, { permissions: { canPublish: false } }],
      ['POST', `${caller}/tracks/${sid}/mute`, { muted: true }],
      ['POST', `${caller}/subscriptions`, { trackSids: [sid], subscribed: false }],
      ['DELETE', caller, undefined],
    ] as const;
    const before = structuredClone(guest.summary);
    for (const [method, path, body] of disturbing)
      expect(await ask(method, path, body)).toMatchObject({ status: 409, body: { code: 'call_live', field: 'call' } });
    expect([guest.present, guest.summary]).toEqual([true, before]);
    expect((await ask('PATCH', caller, { metadata: { note: 'vip' } })).status).toBe(200);
    for (const [method, path, body] of disturbing)
      expect((await ask(method, `${path}${named}`, body)).status).toBeLessThan(300);
    expect(guest.present).toBe(false);
  });

  test.each<[string, string, string, unknown, string]>([
    ['a change of nothing', 'PATCH', '/guest', {}, 'body'],
    ['a right nobody knows', 'PATCH', '/guest', { permissions: { canFly: true } }, 'permissions'],
    ['a telephone’s attribute', 'PATCH', '/guest', { attributes: { 'sip.callStatus': 'active' } }, 'attributes'],
    ['the mark of a caller', 'PATCH', '/guest', { attributes: { 'voicechart.role': 'caller' } }, 'attributes'],
    ['64 kB of attributes', 'PATCH', '/guest', { attributes: { a: 'x'.repeat(64_000) } }, 'attributes'],
    ['metadata of 512 KiB and 1', 'PATCH', '/guest', { metadata: { a: 'x'.repeat(524_281) } }, 'metadata'],
    ['muted in words', 'POST', '/guest/tracks/TR_1/mute', { muted: 'yes' }, 'muted'],
    ['no word on muting', 'POST', '/guest/tracks/TR_1/mute', {}, 'muted'],
    ['no tracks', 'POST', '/guest/subscriptions', { trackSids: [], subscribed: true }, 'trackSids'],
    ['a track that is no list', 'POST', '/guest/subscriptions', { trackSids: 'TR_1', subscribed: true }, 'trackSids'],
    ['an identity of 257 bytes', 'PATCH', `/${'x'.repeat(257)}`, { name: 'x' }, 'identity'],
  ])('%s is refused by field', async (_, method, path, body, field) => {
    const told = await ask(method, `${there}${path}`, body);
    expect(told).toMatchObject({ status: 400, body: { code: 'invalid', field } });
    expect(fake.asked).toEqual([]);
  });
});
