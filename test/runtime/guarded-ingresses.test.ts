import { beforeEach, describe, expect, test } from 'vitest';
import { guardIngresses, type GuardedIngresses } from '../../src/runtime/guarded-ingresses.ts';
import type { SourceFinding } from '../../src/runtime/ingresses.ts';
import { ingressesContract } from '../support/contracts/ingresses.ts';
import { createFakeIngresses, type FakeIngresses } from '../support/fakes/fake-ingresses.ts';
import { createFakeRooms, type FakeRooms } from '../support/fakes/fake-rooms.ts';

ingressesContract('the fake', async () => ({
  ingresses: createFakeIngresses().ingresses,
  pulls: true,
  end: async () => undefined,
}));

const obs = { input: 'rtmp', name: 'obs-stream', room: 'streaming-room', identity: 'streamer' } as const;
const emptyRoom = { emptyTimeoutMs: 300_000, departureTimeoutMs: 20_000, maxParticipants: 20, metadata: '{}' };
const film = { ...obs, input: 'url', url: 'https://media.example/film.mp4' } as const;

let fake: FakeIngresses;
let rooms: FakeRooms;
let finding: (url: string) => SourceFinding | Promise<SourceFinding>;
let looked: string[];
let guarded: GuardedIngresses;
beforeEach(() => {
  fake = createFakeIngresses();
  rooms = createFakeRooms();
  finding = (url) => ({ url, format: 'mp4' });
  looked = [];
  guarded = guardIngresses({
    ingresses: fake.ingresses,
    rooms: rooms.rooms,
    probe: { look: async (url) => (looked.push(url), finding(url)) },
    rules: { rooms: { prefix: 'voice-ai-call', declared: ['streaming-room'] }, sources: { hosts: [] } },
  });
});

describe('what LiveKit never sees', () => {
  test.each<[string, unknown, string, RegExp]>([
    ['nothing', undefined, 'ingress', /must be an object/],
    ['null', null, 'ingress', /must be an object/],
    ['a list', [], 'ingress', /must be an object|rtmp, whip, url/],
    ['no input', { ...obs, input: undefined }, 'ingress.input', /rtmp, whip, url/],
    ['an input nobody knows', { ...obs, input: 'srt' }, 'ingress.input', /rtmp, whip, url/],
    ['no name', { ...obs, name: undefined }, 'ingress.name', /must be text/],
    ['a name of 257 bytes', { ...obs, name: 'x'.repeat(257) }, 'ingress.name', /256 bytes/],
    ['a name that is turned around', { ...obs, name: 'a\u202eb' }, 'ingress.name', /turn/],
    [
      'a foreign room',
      { ...obs, room: 'theirs' },
      'ingress.room',
      /begin with voice-ai-call or be one of streaming-room/,
    ],
    ['a room that only looks like ours', { ...obs, room: 'streaming\u200b-room' }, 'ingress.room', /invisible/],
    ['null for a room', { ...obs, room: null }, 'ingress.room', /must be text/],
    ['our agent’s name', { ...obs, identity: 'Agent-7' }, 'ingress.identity', /must not begin with agent or sip_/],
    ['a telephone’s name', { ...obs, identity: 'sip_+49' }, 'ingress.identity', /must not begin with agent or sip_/],
    ['no identity', { ...obs, identity: '' }, 'ingress.identity', /must not be empty/],
    ['metadata that is text', { ...obs, metadata: '{}' }, 'ingress.metadata', /must be an object/],
    ['metadata of 512 KiB and 1', { ...obs, metadata: { a: 'x'.repeat(524_281) } }, 'ingress.metadata', /524288/],
    ['a preset nobody knows', { ...obs, video: { preset: '4k' } }, 'ingress.video.preset', /h264_720p_30fps_3_layers/],
    ['RTMP that is not encoded anew', { ...obs, transcode: false }, 'ingress', /no field transcode/],
    ['RTMP with an address', { ...obs, url: 'https://a.example/b' }, 'ingress', /no field url/],
    [
      'WHIP that is encoded anew and is not',
      { ...obs, input: 'whip', audio: { preset: 'opus_mono_64kbs' } },
      'ingress.transcode',
      /must be true/,
    ],
    ['URL that is not enabled', { ...film, enabled: false }, 'ingress', /no field enabled/],
    ['URL without one', { ...film, url: undefined }, 'ingress.url', /must be text/],
    ['URL of this machine', { ...film, url: 'http://localhost/a.mp4' }, 'ingress.url', /host of the Internet/],
    ['URL of a file', { ...film, url: 'file:///etc/passwd' }, 'ingress.url', /https:\/\/ or http:\/\//],
  ])('%s says which field, and what is allowed', async (_, given, field, message) => {
    await expect(guarded.create(given as never)).rejects.toMatchObject({
      name: 'ControlError',
      code: 'invalid',
      field,
      failure: { retryable: false, message: expect.stringMatching(message) },
    });
    expect([fake.asked, looked]).toEqual([[], []]);
  });

  test.each<[string, unknown, unknown, string]>([
    ['an id that is none', 7, { name: 'x' }, 'id'],
    ['a change of nothing', 'IN_1', {}, 'change'],
    ['a foreign room', 'IN_1', { room: 'theirs' }, 'change.room'],
    ['our agent’s name', 'IN_1', { identity: 'agent' }, 'change.identity'],
    ['another input', 'IN_1', { input: 'whip' }, 'change'],
  ])('nor a change to %s', async (_, id, change, field) => {
    await expect(guarded.update(id as never, change as never)).rejects.toMatchObject({ code: 'invalid', field });
    expect(fake.asked).toEqual([]);
  });
});

describe('ingresses of others on the same LiveKit', () => {
  test('are not listed, found, changed or deleted', async () => {
    const { ingress } = fake.put({ ...obs, room: 'theirs', enabled: true });
    expect(await guarded.list()).toEqual([]);
    const asked = [guarded.get(ingress.id), guarded.update(ingress.id, { name: 'x' }), guarded.delete(ingress.id)];
    const codes = (await Promise.allSettled(asked)).map((each) => each.status === 'rejected' && each.reason.code);
    expect(codes).toEqual(['not_found', 'not_found', 'not_found']);
    expect(await fake.ingresses.list()).toEqual([ingress]);
  });
});

test('nobody who is in the room is put out by one that takes their name', async () => {
  await rooms.rooms.create({ ...emptyRoom, name: obs.room });
  rooms.enter(obs.room, 'ada');
  const { ingress } = await guarded.create(obs);
  const taken = { code: 'refused', field: 'identity' };
  await expect(guarded.create({ ...film, identity: 'ada' })).rejects.toMatchObject(taken);
  await expect(guarded.update(ingress.id, { identity: 'ada' })).rejects.toMatchObject(taken);
  expect((await guarded.list()).map(({ identity }) => identity)).toEqual(['streamer']);
});

describe('a creation whose answer was lost', () => {
  test('R5.4 is looked up, and taken with its key when it was carried out; it is sent once', async () => {
    fake.loseNext('carried out');
    const { ingress, key } = await guarded.create(obs);
    expect([ingress.name, key?.reveal()]).toEqual(['obs-stream', 'canary-key-1']);
    expect(fake.asked.filter((name) => name === 'create')).toHaveLength(1);
    expect(await guarded.list()).toHaveLength(1);
  });

  test('R5.4 stays unknown when it is not found; asked again by hand it is made once', async () => {
    fake.loseNext('not carried out');
    await expect(guarded.create(obs)).rejects.toMatchObject({ code: 'timeout', maybeDone: true });
    expect(fake.asked.filter((name) => name === 'create')).toHaveLength(1);
    await guarded.create(obs);
    await expect(guarded.create(obs)).rejects.toMatchObject({ code: 'refused' });
  });
});

describe('R5.3 media that is pulled', () => {
  test('is looked at first, and LiveKit is given where the redirects end', async () => {
    finding = () => ({ url: 'https://cdn.example/film.mp4', format: 'mp4' });
    const { ingress } = await guarded.create(film);
    expect([looked, ingress.url]).toEqual([[film.url], 'https://cdn.example/film.mp4']);
  });

  test('that may not be pulled is refused with the reason, and LiveKit hears nothing', async () => {
    finding = () => ({ problem: 'its server answers 404' });
    await expect(guarded.create(film)).rejects.toMatchObject({
      code: 'invalid',
      field: 'url',
      message: 'ingress.url: its server answers 404',
    });
    expect(fake.asked).toEqual([]);
  });

  test('is looked at twenty times at once and no more', async () => {
    const gate = Promise.withResolvers<SourceFinding>();
    finding = () => gate.promise;
    const asked = Array.from({ length: 21 }, (_, at) => guarded.create({ ...film, room: `voice-ai-call-${at}` }));
    await expect(asked[20]).rejects.toMatchObject({ code: 'limit', failure: { retryable: true } });
    gate.resolve({ url: film.url, format: 'mp4' });
    expect((await Promise.allSettled(asked)).filter(({ status }) => status === 'fulfilled')).toHaveLength(20);
  });
});
