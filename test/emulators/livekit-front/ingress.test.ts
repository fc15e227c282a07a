import {
  IngressInput,
  IngressState_Status,
  IngressVideoEncodingOptions,
  IngressVideoOptions,
  VideoLayer,
} from '@livekit/protocol';
import type { CreateIngressOptions } from 'livekit-server-sdk';
import { describe, expect, test } from 'vitest';
import type { LiveKitFrontSettingsInput } from '../../../emulators/livekit/settings.ts';
import { errorOf, openWorld, relayed, type World } from './stand-in.ts';

const { RTMP_INPUT, WHIP_INPUT, URL_INPUT } = IngressInput;
const obs: CreateIngressOptions = {
  name: 'obs-stream',
  roomName: 'streaming-room',
  participantIdentity: 'streamer',
  participantName: 'Streamer',
};
const url = 'https://example.com/film.mp4';
const fromUrl = { ...obs, url };

const statusOf = async ({ ingress }: World, ingressId: string) =>
  IngressState_Status[(await ingress.listIngress({ ingressId }))[0]!.state!.status];

describe('an ingress', () => {
  test('for a streamer has an address and a key, and waits', async () => {
    const world = await openWorld();
    const rtmp = await world.ingress.createIngress(RTMP_INPUT, obs);
    expect(rtmp).toMatchObject({
      ...obs,
      url: 'rtmp://127.0.0.1:1935/live',
      streamKey: expect.stringMatching(/^\w{12}$/),
      reusable: true,
      enableTranscoding: true,
      state: { status: IngressState_Status.ENDPOINT_INACTIVE },
    });
    const whip = await world.ingress.createIngress(WHIP_INPUT, obs);
    expect(whip).toMatchObject({ url: 'http://127.0.0.1:8080/w', enableTranscoding: false, bypassTranscoding: true });
    expect(await world.ingress.listIngress({ roomName: 'streaming-room' })).toHaveLength(2);
    expect(await world.ingress.listIngress({ roomName: 'another' })).toEqual([]);
  });

  test('goes on air when its streamer comes, and waits again when he stops; both are told', async () => {
    const world = await openWorld();
    const { ingressId, streamKey } = await world.ingress.createIngress(RTMP_INPUT, obs);
    await world.front.connectStreamer(streamKey);
    expect(await statusOf(world, ingressId)).toBe('ENDPOINT_PUBLISHING');
    expect(world.actors[0]!.part).toMatchObject({
      room: 'streaming-room',
      role: { kind: 'ingress', identity: 'streamer', name: 'Streamer' },
    });
    await world.front.stopStreamer(ingressId);
    const told = await Promise.all(['ingress_started', 'ingress_ended'].map(world.webhook));
    expect(told.map(({ ingressInfo }) => IngressState_Status[ingressInfo!.state!.status])).toEqual([
      'ENDPOINT_PUBLISHING',
      'ENDPOINT_INACTIVE',
    ]);
    expect(world.actors[0]!.left).toBe('hung_up');
    await world.front.connectStreamer(streamKey);
  });

  test('that breaks says why', async () => {
    const world = await openWorld();
    const { ingressId, streamKey } = await world.ingress.createIngress(RTMP_INPUT, obs);
    await world.front.connectStreamer(streamKey);
    await world.front.stopStreamer(ingressId, 'decoder failed');
    const { ingressInfo } = await world.webhook('ingress_ended');
    expect(ingressInfo!.state).toMatchObject({ status: IngressState_Status.ENDPOINT_ERROR, error: 'decoder failed' });
  });

  test('takes no streamer with a wrong key, one that is not enabled, or a second one', async () => {
    const world = await openWorld();
    expect(await errorOf(world.front.connectStreamer('wrong'))).toMatchObject({ code: 'not_found' });
    const { ingressId, streamKey } = await world.ingress.createIngress(RTMP_INPUT, { ...obs, enabled: false });
    expect(await errorOf(world.front.connectStreamer(streamKey))).toMatchObject({
      message: 'session is disabled',
    });
    await world.ingress.updateIngress(ingressId, { name: 'x', enabled: true });
    await world.front.connectStreamer(streamKey);
    expect(await errorOf(world.front.connectStreamer(streamKey))).toMatchObject({ code: 'already_exists' });
  });

  test('is changed in what is said and nothing else, and deleted', async () => {
    const world = await openWorld();
    const { ingressId, streamKey } = await world.ingress.createIngress(RTMP_INPUT, obs);
    const changed = await world.ingress.updateIngress(ingressId, { name: 'other', roomName: 'elsewhere' });
    expect(changed).toMatchObject({ ...obs, name: 'other', roomName: 'elsewhere', streamKey });
    await world.front.connectStreamer(streamKey);
    await world.ingress.deleteIngress(ingressId);
    expect(world.actors[0]!.left).toBe('hung_up');
    expect(await world.ingress.listIngress()).toEqual([]);
  });

  const pulled: Record<string, [NonNullable<LiveKitFrontSettingsInput['pull']>, string]> = {
    'plays from the start and is complete at its end': [{ endsAfterMs: 10 }, 'ENDPOINT_COMPLETE'],
    'breaks with its source': [{ does: 'break', afterMs: 10 }, 'ENDPOINT_ERROR'],
  };

  test.each(Object.entries(pulled))('from a URL %s', async (_, [pull, status]) => {
    const world = await openWorld({ settings: { pulls: { [url]: pull } } });
    const info = await world.ingress.createIngress(URL_INPUT, fromUrl);
    expect(info).toMatchObject({ url, streamKey: '', reusable: false });
    const { ingressInfo } = await world.webhook('ingress_ended');
    expect(IngressState_Status[ingressInfo!.state!.status]).toBe(status);
    const error = await errorOf(world.ingress.updateIngress(info.ingressId, { name: 'x' }));
    expect(error).toMatchObject({ message: relayed('ingress is not reusable and cannot be modified') });
  });
});

const layers = (...sizes: [quality: number, width: number, height: number][]) =>
  new IngressVideoOptions({
    encodingOptions: {
      case: 'options',
      value: new IngressVideoEncodingOptions({
        layers: sizes.map(([quality, width, height]) => new VideoLayer({ quality, width, height })),
      }),
    },
  });

describe('an ingress is refused', () => {
  const cases: Record<string, [IngressInput, CreateIngressOptions & { url?: string }, string]> = {
    'from a file': [URL_INPUT, { ...obs, url: 'file:///etc/passwd' }, 'invalid ingress: invalid url scheme file'],
    'without a URL to pull': [URL_INPUT, { ...obs, url: '' }, 'invalid ingress: missing URL parameter'],
    'from a URL and not enabled': [
      URL_INPUT,
      { ...fromUrl, enabled: false },
      'invalid ingress: disabled non reusable ingress',
    ],
    'that cannot do without transcoding': [
      RTMP_INPUT,
      { ...obs, enableTranscoding: false },
      'invalid transcoding bypass configuration: bypassing transcoding impossible with selected input type',
    ],
    'with options for what it does not transcode': [
      WHIP_INPUT,
      { ...obs, video: layers() },
      'invalid transcoding bypass configuration: video encoding options must be empty if transcoding is disabled',
    ],
    'with odd sizes': [
      RTMP_INPUT,
      { ...obs, video: layers([0, 321, 180]) },
      'invalid ingress: layer width must be even',
    ],
    'with layers that shrink': [
      RTMP_INPUT,
      { ...obs, video: layers([0, 640, 360], [1, 320, 180]) },
      'invalid video parameters: video layers do not have increasing height with increasing quality',
    ],
  };

  test.each(Object.entries(cases))('%s', async (_, [type, options, message]) => {
    const { ingress } = await openWorld();
    expect(await errorOf(ingress.createIngress(type, options))).toMatchObject({
      code: 'invalid_argument',
      message: relayed(message),
    });
  });

  test('when the machine is busy', async () => {
    const { ingress } = await openWorld({ settings: { pull: { does: 'busy' } } });
    const error = await errorOf(ingress.createIngress(URL_INPUT, fromUrl));
    expect(error).toMatchObject({
      code: 'resource_exhausted',
      status: 429,
      message: relayed('server capacity exceeded'),
    });
    expect(await ingress.listIngress()).toEqual([]);
  });

  test('when there is none of its id', async () => {
    const { ingress } = await openWorld();
    const error = { code: 'not_found', message: relayed('ingress does not exist') };
    expect(await errorOf(ingress.updateIngress('IN_none', { name: 'x' }))).toMatchObject(error);
    expect(await errorOf(ingress.deleteIngress('IN_none'))).toMatchObject(error);
    expect(await errorOf(ingress.listIngress({ ingressId: 'IN_none' }))).toMatchObject(error);
  });
});
