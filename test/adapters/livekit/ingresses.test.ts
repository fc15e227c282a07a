import { decodeJwt } from 'jose';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createLivekitIngresses } from '../../../src/adapters/livekit/api/ingresses.ts';
import { audioPresets, videoPresets } from '../../../src/ingress.ts';
import { guardIngresses } from '../../../src/runtime/guarded-ingresses.ts';
import { createLivekitApi } from '../../../src/adapters/livekit/api/api.ts';
import { systemClock } from '../../../src/clock.ts';
import { Secret } from '../../../src/secret.ts';
import { openWorld, apiKey as frontKey, apiSecret as frontSecret } from '../../emulators/livekit-front/stand-in.ts';
import { ingressesContract } from '../../support/contracts/ingresses.ts';
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

/** Ingresses of the emulated ingress service. */
async function emulated() {
  const { front } = await openWorld();
  const key = { apiKey: frontKey, apiSecret: new Secret(frontSecret) };
  const api = createLivekitApi({ url: front.url, clock: systemClock, key: () => key });
  onTestFinished(api.close);
  return { front, ingresses: createLivekitIngresses(api) };
}

ingressesContract('LiveKit with an emulated ingress service', async () => {
  const { ingresses } = await emulated();
  return { ingresses, pulls: true, end: async () => undefined };
});

describe('what comes by an ingress', () => {
  test('R5.1 D7.1 is on air once its streamer comes with the key, and waits for the next when he stops', async () => {
    const { front, ingresses } = await emulated();
    const { ingress, key } = await ingresses.create(obs);
    const stateNow = async () => (await ingresses.get(ingress.id)).state;
    await front.connectStreamer(key!.reveal());
    expect(await stateNow()).toBe('publishing');
    await front.stopStreamer(ingress.id);
    expect(await stateNow()).toBe('inactive');
    await front.connectStreamer(key!.reveal());
    await front.stopStreamer(ingress.id, `cannot read ${key!.reveal()}`);
    expect(await ingresses.get(ingress.id)).toMatchObject({ state: 'error', error: 'cannot read [secret]' });
  });

  test('R5.2 D7.1 who comes to one that is not enabled is turned away, until it is', async () => {
    const { front, ingresses } = await emulated();
    const { ingress, key } = await ingresses.create({ ...obs, input: 'whip', transcode: false, enabled: false });
    await expect(front.connectStreamer(key!.reveal())).rejects.toThrow('disabled');
    await ingresses.update(ingress.id, { enabled: true });
    await front.connectStreamer(key!.reveal());
    expect((await ingresses.get(ingress.id)).state).toBe('publishing');
  });

  test('R5.3 D7.1 is pulled at once, is complete at its end, and says why it broke', async () => {
    const { front, ingresses } = await emulated();
    const broken = `${film.url}&broken`;
    front.settings.change({
      pulls: { [film.url]: { does: 'play', endsAfterMs: 10 }, [broken]: { does: 'break', afterMs: 10 } },
    });
    const whole = await ingresses.create(film);
    const part = await ingresses.create({ ...film, identity: 'other', url: broken });
    expect(whole.key).toBeUndefined();
    await expect.poll(() => ingresses.get(whole.ingress.id)).toMatchObject({ state: 'complete' });
    await expect
      .poll(() => ingresses.get(part.ingress.id))
      .toMatchObject({ state: 'error', error: 'Internal data stream error' });
  });

  test('R5.3 is refused while the ingress service has no place', async () => {
    const { front, ingresses } = await emulated();
    front.settings.change({ pull: { does: 'busy' } });
    const error = await errorOf(ingresses.create(film));
    expect(error).toMatchObject({ code: 'rate', maybeDone: false, failure: { retryable: true } });
  });
});

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
    rooms: { participants: async () => [] },
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
