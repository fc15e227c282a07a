import { decodeJwt } from 'jose';
import { describe, expect, test } from 'vitest';
import { createLivekitIngresses } from '../../../src/adapters/livekit/api/ingresses.ts';
import { audioPresets, videoPresets } from '../../../src/ingress.ts';
import { guardIngresses } from '../../../src/runtime/guarded-ingresses.ts';
import { errorOf, oddLivekit, reply } from './odd-livekit.ts';

const obs = { input: 'rtmp', name: 'obs-stream', room: 'streaming-room', identity: 'streamer', enabled: true } as const;
const film = {
  input: 'url',
  name: 'film',
  room: 'streaming-room',
  identity: 'film',
  url: 'https://media.example/film.mp4?sig=canary-query',
} as const;
const streamKey = 'canary-stream-key';
const info = {
  ingress_id: 'IN_1',
  name: 'obs-stream',
  stream_key: streamKey,
  url: 'rtmp://ingress.example/live',
  input_type: 'RTMP_INPUT',
  room_name: 'streaming-room',
  participant_identity: 'streamer',
  reusable: true,
  enable_transcoding: true,
  enabled: true,
};

describe('an ingress of LiveKit', () => {
  test('R5.5 is asked for with ingressAdmin and no other right, in one request', async () => {
    const { api, asked } = await oddLivekit((response) => reply(response, 200, info));
    const { ingress, key } = await createLivekitIngresses(api).create({ ...obs, metadata: { seat: 3 } });
    expect([ingress.id, key?.reveal(), asked.map(({ rpc }) => rpc)]).toEqual([
      'IN_1',
      streamKey,
      ['Ingress/CreateIngress'],
    ]);
    expect(decodeJwt(asked[0]!.token)['video']).toEqual({ ingressAdmin: true });
    // Zero values are not sent: RTMP is the first of the inputs.
    expect(asked[0]!.body).toEqual({
      name: 'obs-stream',
      roomName: 'streaming-room',
      participantIdentity: 'streamer',
      participantMetadata: '{"seat":3}',
      enabled: true,
    });
  });

  test.each(videoPresets)(
    'R5.4 pictures as %s are asked for in LiveKit’s word, and read back in ours',
    async (preset) => {
      const video = { preset: preset.toUpperCase() };
      const { api, asked } = await oddLivekit((response) => reply(response, 200, { ...info, video }));
      const { ingress } = await createLivekitIngresses(api).create({ ...obs, video: { preset } });
      expect([asked[0]!.body, ingress.video]).toMatchObject([{ video }, { preset }]);
    },
  );

  test.each(audioPresets)('R5.4 sound as %s is asked for in LiveKit’s word, and read back in ours', async (preset) => {
    const audio = { preset: preset.toUpperCase() };
    const { api, asked } = await oddLivekit((response) => reply(response, 200, { ...info, audio }));
    const { ingress } = await createLivekitIngresses(api).create({ ...obs, audio: { preset } });
    expect([asked[0]!.body, ingress.audio]).toMatchObject([{ audio }, { preset }]);
  });

  test.each([
    ['ENDPOINT_BUFFERING', 'buffering'],
    ['ENDPOINT_PUBLISHING', 'publishing'],
    ['ENDPOINT_COMPLETE', 'complete'],
  ])('in state %s is %s', async (status, state) => {
    const { api } = await oddLivekit((response) => reply(response, 200, { items: [{ ...info, state: { status } }] }));
    expect(await createLivekitIngresses(api).get('IN_1')).toMatchObject({ state });
  });

  test('R8.1 that failed says why without its key and the secrets of its address', async () => {
    const state = { status: 'ENDPOINT_ERROR', error: `key ${streamKey}: could not pull ${film.url}` };
    const items = [{ ...info, url: film.url, input_type: 'URL_INPUT', state }];
    const { api } = await oddLivekit((response) => reply(response, 200, { items }));
    const [found] = await createLivekitIngresses(api).list();
    expect(found).toMatchObject({
      input: 'url',
      state: 'error',
      error: expect.stringMatching(/^key \[secret\]: .*\?\[secret\]$/),
    });
  });

  test('R8.1 that LiveKit does not take is refused without the secrets of its address', async () => {
    const said = { code: 'invalid_argument', msg: `invalid url ${film.url}` };
    const { api } = await oddLivekit((response) => reply(response, 400, said));
    const error = await errorOf(createLivekitIngresses(api).create(film));
    expect(error).toMatchObject({
      code: 'invalid',
      maybeDone: false,
      message: expect.stringContaining('film.mp4?[secret]'),
    });
  });

  test('R8.1 that cannot be read is an error without any of it', async () => {
    const { api } = await oddLivekit((response) => reply(response, 200, { items: [{ ...info, state: 'new' }] }));
    const error = await errorOf(createLivekitIngresses(api).list());
    expect([error, String(error)]).toMatchObject([{ code: 'broken' }, expect.not.stringContaining('canary')]);
  });
});

const guarded = (api: Parameters<typeof createLivekitIngresses>[0]) =>
  guardIngresses({
    ingresses: createLivekitIngresses(api),
    probe: { look: async (url) => ({ url, format: 'mp4' }) },
    rules: { rooms: { prefix: 'voice-ai-call', declared: ['streaming-room'] }, sources: { hosts: [] } },
  });

describe('a creation', () => {
  test.each<[string, number, object | string, string, boolean]>([
    ['a key it does not know', 401, 'invalid API key: key', 'unauthorized', false],
    [
      'an ingress service that is full',
      429,
      { code: 'resource_exhausted', msg: 'server capacity exceeded' },
      'rate',
      false,
    ],
    ['no Redis', 500, { code: 'internal', msg: 'ingress not connected (redis required)' }, 'unsupported', false],
    ['no ingress service', 503, { code: 'unavailable', msg: 'no response from servers' }, 'unavailable', true],
    ['a fault of its own', 500, { code: 'internal', msg: 'oh' }, 'unavailable', true],
  ])('answered with %s is sent once, and told', async (_, status, body, code, maybeDone) => {
    const { api, asked } = await oddLivekit((response, { rpc }) =>
      rpc.endsWith('ListIngress') ? reply(response, 200, { items: [] }) : reply(response, status, body),
    );
    expect(await errorOf(guarded(api).create(film))).toMatchObject({ code, maybeDone });
    const sent = asked.map(({ rpc }) => rpc.replace('Ingress/', ''));
    expect(sent).toEqual(['ListIngress', 'CreateIngress', ...(maybeDone ? ['ListIngress'] : [])]);
  });

  test('R5.4 that was cut off is found in the list and taken with its key, without another', async () => {
    let made = false;
    const { api, asked } = await oddLivekit((response, { rpc }) => {
      if (rpc.endsWith('ListIngress')) return reply(response, 200, { items: made ? [info] : [] });
      made = true;
      response.destroy();
    });
    const { ingress, key } = await guarded(api).create(obs);
    expect([ingress.id, key?.reveal()]).toEqual(['IN_1', streamKey]);
    expect(asked.filter(({ rpc }) => rpc.endsWith('CreateIngress'))).toHaveLength(1);
  });

  test('R5.4 that was cut off while nothing can be listed stays unknown', async () => {
    let asked = 0;
    const { api } = await oddLivekit((response) => {
      asked += 1;
      if (asked === 1) reply(response, 200, { items: [] });
      else response.destroy();
    });
    expect(await errorOf(guarded(api).create(obs))).toMatchObject({ code: 'unavailable', maybeDone: true });
  });
});
