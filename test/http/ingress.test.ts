import { beforeEach, describe, expect, test } from 'vitest';
import type { SourceFinding } from '../../src/runtime/ingresses.ts';
import { ask as askOf, controlDoor } from '../support/control-door.ts';
import { createFakeIngresses, type FakeIngresses } from '../support/fakes/fake-ingresses.ts';
import { createFakeRooms } from '../support/fakes/fake-rooms.ts';

const obs = { input: 'rtmp', name: 'obs-stream', room: 'streaming-room', identity: 'streamer' };
const film = { ...obs, input: 'url', identity: 'film', url: 'https://media.example/film.mp4?sig=canary-query' };
const busy = 'voice-ai-call-7';
const call = `${busy}~SCL_1`;
const key = { 'idempotency-key': '7f3c8a52-3f0e-4c5e-9d0a-1f2b3c4d5e6f' };

let fake: FakeIngresses;
let finding: SourceFinding | undefined;
let door: ReturnType<typeof controlDoor>;
beforeEach(() => {
  fake = createFakeIngresses();
  finding = undefined;
  door = controlDoor({
    rooms: createFakeRooms().rooms,
    ingresses: fake.ingresses,
    probe: { look: async (url) => finding ?? { url, format: 'mp4' } },
    calls: { [busy]: [call] },
  });
});
const ask = (method: string, path: string, body?: unknown, more?: Readonly<Record<string, string>>) =>
  askOf(door, method, path, body, more);

describe('POST /v1/ingress', () => {
  test('D7.1 D7.4 R5.4 obs-stream comes into streaming-room as streamer, with what OBS needs', async () => {
    const { status, body } = await ask('POST', '/v1/ingress', obs);
    expect([status, body]).toEqual([
      201,
      {
        ...obs,
        id: 'IN_1',
        participantName: '',
        metadata: '',
        url: 'rtmp://ingress.example/live',
        enabled: true,
        transcode: true,
        state: 'inactive',
        publish: { server: 'rtmp://ingress.example/live', key: 'canary-key-1' },
      },
    ]);
  });

  test('R8.1 the key is shown once: no other answer has it', async () => {
    await ask('POST', '/v1/ingress', obs);
    const later = await Promise.all([
      ask('GET', '/v1/ingress'),
      ask('GET', '/v1/ingress/IN_1'),
      ask('PATCH', '/v1/ingress/IN_1', { enabled: false }),
      ask('POST', '/v1/ingress', obs),
      ask('GET', '/v1/rooms'),
    ]);
    expect(later.map(({ status }) => status)).toEqual([200, 200, 200, 409, 200]);
    expect(later.filter(({ text }) => text.includes('canary'))).toEqual([]);
  });

  test('where LiveKit does not know its own address, what is missing is said', async () => {
    const { create } = fake.ingresses;
    const unknown = async (request: Parameters<typeof create>[0]) => {
      const made = await create(request);
      return { ...made, ingress: { ...made.ingress, url: '' } };
    };
    door = controlDoor({ rooms: createFakeRooms().rooms, ingresses: { ...ingressesOf(fake), create: unknown } });
    const { body } = await ask('POST', '/v1/ingress', obs);
    expect(body.publish).toEqual({
      server: '',
      key: 'canary-key-1',
      missing: expect.stringContaining('rtmp_base_url'),
    });
  });

  test('R5.4 sent again under its Idempotency-Key it is answered alike and made once', async () => {
    const first = await ask('POST', '/v1/ingress', obs, key);
    expect(await ask('POST', '/v1/ingress', obs, key)).toEqual(first);
    expect((await ask('GET', '/v1/ingress')).body.ingress).toHaveLength(1);
  });

  test('R5.4 what was refused frees its key; what was lost and not found does not', async () => {
    finding = { problem: 'its server answers 404' };
    expect((await ask('POST', '/v1/ingress', film, key)).body).toMatchObject({ code: 'livekit_invalid', field: 'url' });
    finding = undefined;
    fake.loseNext('not carried out');
    expect(await ask('POST', '/v1/ingress', film, key)).toMatchObject({
      status: 504,
      body: { code: 'livekit_timeout', fix: expect.stringContaining('It may have been carried out') },
    });
    expect((await ask('POST', '/v1/ingress', film, key)).body).toMatchObject({ code: 'outcome_unknown' });
    expect(fake.asked.filter((name) => name === 'create')).toHaveLength(1);
  });

  test('R5.3 one that pulls has no key, and its address is shown without its secrets', async () => {
    const { status, body, text } = await ask('POST', '/v1/ingress', film);
    expect([status, body.url, body.publish]).toEqual([201, 'https://media.example/film.mp4?…', undefined]);
    expect(text).not.toContain('canary');
    expect((await ask('GET', '/v1/ingress')).text).not.toContain('canary');
  });

  test('into a room with a call in it only who names the call may', async () => {
    const into = { ...obs, room: busy };
    expect(await ask('POST', '/v1/ingress', into)).toMatchObject({ status: 409, body: { code: 'call_live' } });
    expect(fake.asked).toEqual([]);
    expect((await ask('POST', `/v1/ingress?call=${encodeURIComponent(call)}`, into)).status).toBe(201);
  });

  test.each<[string, unknown, string]>([
    ['nothing', {}, 'input'],
    ['null', null, 'body'],
    ['a list', [], 'body'],
    ['an input of another kind', { ...obs, input: 7 }, 'input'],
    ['no room', { ...obs, room: undefined }, 'room'],
    ['a foreign room', { ...obs, room: 'theirs' }, 'room'],
    ['a reserved name', { ...obs, identity: 'sip_1' }, 'identity'],
    ['a name of 257 bytes', { ...obs, identity: 'x'.repeat(257) }, 'identity'],
    ['metadata of 512 KiB and 1', { ...obs, metadata: { a: 'x'.repeat(524_281) } }, 'metadata'],
    ['a field nobody knows', { ...obs, key: 'mine' }, 'body'],
    ['an address of this machine', { ...film, url: 'http://[::ffff:127.0.0.1]/' }, 'url'],
    ['an address with a password', { ...film, url: 'https://a:canary@media.example/' }, 'url'],
  ])('with %s is refused by field', async (_, body, field) => {
    const told = await ask('POST', '/v1/ingress', body);
    expect(told).toMatchObject({
      status: 400,
      body: { code: 'invalid', field, fix: expect.stringContaining('obs-stream') },
    });
    expect([fake.asked, told.text]).toEqual([[], expect.not.stringContaining('canary')]);
  });

  test('that is no JSON, or longer than a MiB, is refused', async () => {
    expect(await ask('POST', '/v1/ingress', '{"input":')).toMatchObject({ status: 400, body: { code: 'not_json' } });
    const long = { ...obs, metadata: { a: 'x'.repeat(1_048_576) } };
    expect(await ask('POST', '/v1/ingress', long)).toMatchObject({ status: 413, body: { code: 'too_large' } });
  });
});

describe('/v1/ingress/{id}', () => {
  test('R5.4 is changed and deleted', async () => {
    await ask('POST', '/v1/ingress', obs);
    const changed = await ask('PATCH', '/v1/ingress/IN_1', { enabled: false, metadata: { a: 1 } });
    expect([changed.status, changed.body]).toMatchObject([200, { enabled: false, metadata: '{"a":1}' }]);
    expect((await ask('GET', '/v1/ingress/IN_1')).body).toEqual(changed.body);
    expect((await ask('DELETE', '/v1/ingress/IN_1')).status).toBe(204);
    expect(await ask('DELETE', '/v1/ingress/IN_1')).toMatchObject({ status: 404, body: { code: 'livekit_not_found' } });
  });

  test('of others on the same LiveKit is not there', async () => {
    fake.put({ ...obs, input: 'rtmp', room: 'theirs', enabled: true });
    expect((await ask('GET', '/v1/ingress')).body).toEqual({ ingress: [] });
    const answers = [
      await ask('GET', '/v1/ingress/IN_1'),
      await ask('PATCH', '/v1/ingress/IN_1', { enabled: false }),
      await ask('DELETE', '/v1/ingress/IN_1'),
    ];
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404]);
  });

  test.each<[string, unknown, string]>([
    ['nothing', {}, 'body'],
    ['a room of others', { room: 'theirs' }, 'room'],
    ['an address', { url: 'https://media.example/' }, 'body'],
    ['null', { enabled: null }, 'enabled'],
  ])('changed to %s is refused by field', async (_, body, field) => {
    expect(await ask('PATCH', '/v1/ingress/IN_1', body)).toMatchObject({
      status: 400,
      body: { code: 'invalid', field },
    });
  });

  test('one that pulls cannot be changed, and moving one into a call takes its name', async () => {
    await ask('POST', '/v1/ingress', film);
    await ask('POST', '/v1/ingress', obs);
    expect(await ask('PATCH', '/v1/ingress/IN_1', { name: 'x' })).toMatchObject({ status: 400 });
    expect(await ask('PATCH', '/v1/ingress/IN_2', { room: busy })).toMatchObject({ body: { code: 'call_live' } });
  });

  test.each<[string, string, unknown, number]>([
    ['taking another name', 'PATCH', { identity: 'film' }, 200],
    ['being turned off', 'PATCH', { enabled: false }, 200],
    ['leaving for another room', 'PATCH', { room: 'streaming-room' }, 200],
    ['being deleted', 'DELETE', undefined, 204],
  ])('one in a room with a call is not disturbed by %s, unless the call is named', async (_, method, body, status) => {
    fake.put({ ...obs, input: 'rtmp', room: busy, enabled: true });
    const before = (await ask('GET', '/v1/ingress')).body;
    expect(await ask(method, '/v1/ingress/IN_1', body)).toMatchObject({ status: 409, body: { code: 'call_live' } });
    expect((await ask('GET', '/v1/ingress')).body).toEqual(before);
    expect(await ask(method, `/v1/ingress/IN_1?call=${encodeURIComponent(call)}`, body)).toMatchObject({ status });
  });

  test('the list is in pages, and of one room when asked', async () => {
    for (const identity of ['a', 'b', 'c']) await ask('POST', '/v1/ingress', { ...obs, identity });
    await ask('POST', '/v1/ingress', { ...obs, room: 'voice-ai-call-1' });
    const first = (await ask('GET', '/v1/ingress?limit=3')).body;
    const second = (await ask('GET', `/v1/ingress?limit=3&after=${first.next}`)).body;
    expect([first.ingress.length, second.ingress.length, second.next]).toEqual([3, 1, undefined]);
    expect((await ask('GET', '/v1/ingress?room=voice-ai-call-1')).body.ingress).toHaveLength(1);
    for (const query of ['limit=0', 'limit=201', 'limit=x', 'room=theirs'])
      expect(await ask('GET', `/v1/ingress?${query}`)).toMatchObject({ status: 400, body: { code: 'invalid' } });
  });
});

/** Its methods, so that one can be put in another's place. */
const ingressesOf = ({ ingresses }: FakeIngresses) => {
  const { create, made, update, list, get, delete: remove } = ingresses;
  return { create, made, update, list, get, delete: remove };
};
