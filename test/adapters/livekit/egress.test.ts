import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createLivekitApi } from '../../../src/adapters/livekit/api/api.ts';
import { createLivekitEgress } from '../../../src/adapters/livekit/api/egress.ts';
import { systemClock } from '../../../src/clock.ts';
import { callOrder, egressRequest, orderOf, readStorages } from '../../../src/egress.ts';
import { Secret } from '../../../src/secret.ts';
import { apiKey, apiSecret, openWorld, room } from '../../emulators/livekit-front/stand-in.ts';
import { egressContract, orderFor } from '../../support/contracts/egress.ts';
import { createFakeEgress } from '../../support/fakes/fake-egress.ts';
import { errorOf, oddLivekit, reply } from './odd-livekit.ts';

const quick = { apiMs: 5, activeMs: 20, completeMs: 10 };
const { storages: noStorages } = readStorages({});

egressContract('LiveKit', async () => {
  const recordingsFolder = await mkdtemp(join(tmpdir(), 'egress-'));
  onTestFinished(() => rm(recordingsFolder, { recursive: true }));
  const { front, standIn } = await openWorld({ recordingsFolder, settings: { recording: quick } });
  standIn.participants.set('streamer', { attributes: {}, metadata: '', tracks: [{ sid: 'TR_a' }, { sid: 'TR_v' }] });
  const key = { apiKey, apiSecret: new Secret(apiSecret) };
  const api = createLivekitApi({ url: front.httpUrl, clock: systemClock, key: () => key });
  onTestFinished(api.close);
  const egress = createLivekitEgress(api, noStorages);
  return {
    egress,
    room,
    reaches: (egressId, status) =>
      expect.poll(async () => (await egress.list({ egressId }))[0]?.status, { interval: 10 }).toBe(status),
    withoutRecorder: () => front.settings.change({ recording: { ...quick, does: 'no_worker' } }),
  };
});

egressContract('the fake', async () => {
  const fake = createFakeEgress(() => 7);
  return {
    egress: fake.egress,
    room,
    async reaches(egressId, status) {
      const files = [{ name: 'e1.ogg', location: '/out/e1.ogg', sizeBytes: 9, durationMs: 1000 }];
      fake.becomes(egressId, status, status === 'complete' ? { endedAtMs: 9, files } : { startedAtMs: 8 });
    },
    withoutRecorder: () => fake.manner('unavailable'),
  };
});

const secret = 'hunter2hunter2';
const { storages } = readStorages({
  STORAGE_S3: 's3://bucket/calls?region=eu-central-1&endpoint=https://minio:9000&pathStyle=1',
  STORAGE_S3_KEY: 'AKIA',
  STORAGE_S3_SECRET: secret,
  STORAGE_AZURE: 'azure://account/container',
  STORAGE_AZURE_SECRET: secret,
  STORAGE_GCS: 'gcs://bucket',
  STORAGE_GCS_SECRET: `{"private_key":"${secret}"}`,
  STORAGE_DISK: 'local:///out',
});

/** What LiveKit is sent for an order. */
async function sent(request: object) {
  const { api, asked } = await oddLivekit((response) => reply(response, 200, { egressId: 'EG_1' }));
  const order = orderOf(egressRequest.parse({ kind: 'room', room: 'r', ...request }), 'e1', storages);
  if ('field' in order) throw new Error(order.message);
  await createLivekitEgress(api, storages).start(order);
  return asked[0]!;
}

describe('what LiveKit is sent', () => {
  test.each([
    [
      's3',
      {
        accessKey: 'AKIA',
        secret,
        region: 'eu-central-1',
        endpoint: 'https://minio:9000',
        bucket: 'bucket',
        forcePathStyle: true,
      },
      'calls/e1.mp4',
    ],
    ['azure', { accountName: 'account', accountKey: secret, containerName: 'container' }, 'e1.mp4'],
    ['gcs', { credentials: `{"private_key":"${secret}"}`, bucket: 'bucket' }, 'e1.mp4'],
    ['disk', undefined, '/out/e1.mp4'],
  ])('R4.3 a storage of kind %s, with what opens it', async (storage, upload, filepath) => {
    const { rpc, body } = await sent({ outputs: [{ type: 'mp4', storage }] });
    expect(rpc).toBe('Egress/StartRoomCompositeEgress');
    const field = storage === 'gcs' ? 'gcp' : storage;
    expect(body).toMatchObject({
      fileOutputs: [{ fileType: 'MP4', filepath, ...(upload && { [field]: upload }) }],
    });
    if (!upload) expect(JSON.stringify(body)).not.toContain(secret);
  });

  test('R4.5 R8.4 a token of a minute that may record and nothing else', async () => {
    const { token } = await sent({ outputs: [{ type: 'mp4', storage: 'disk' }] });
    const { video, exp = 0, iat = 0, sip } = decodeJwt(token);
    expect({ video, sip, life: exp - iat }).toEqual({ video: { roomRecord: true }, sip: undefined, life: 60 });
  });

  test('R4.1 R4.4 HLS, and addresses with their keys', async () => {
    const outputs = [
      { type: 'hls', storage: 'disk', segmentSeconds: 4 },
      { type: 'rtmp', urls: ['rtmps://live.example.com/app/the-key'] },
    ];
    const { body } = await sent({ layout: 'speaker-dark', outputs });
    expect(body).toMatchObject({
      layout: 'speaker-dark',
      segmentOutputs: [
        {
          protocol: 'HLS_PROTOCOL',
          filenamePrefix: '/out/e1',
          playlistName: '/out/e1.m3u8',
          livePlaylistName: '/out/e1-live.m3u8',
          segmentDuration: 4,
        },
      ],
      streamOutputs: [{ protocol: 'RTMP', urls: ['rtmps://live.example.com/app/the-key'] }],
    });
  });

  test('R4.1 a call: its sound in OGG, the agent on a channel of its own where that is wanted', async () => {
    const { api, asked } = await oddLivekit((response) => reply(response, 200, { egressId: 'EG_1' }));
    for (const dual of [false, true]) {
      const order = callOrder({ room: 'r', storage: 'disk', dual }, 'e1', storages);
      if ('field' in order) throw new Error(order.message);
      await createLivekitEgress(api, storages).start(order); // oxlint-disable-line no-await-in-loop
    }
    const file = { fileType: 'OGG', filepath: '/out/calls/e1.ogg' };
    expect(asked.map(({ body }) => body)).toMatchObject([
      { audioOnly: true, fileOutputs: [file] },
      { audioOnly: true, audioMixing: 'DUAL_CHANNEL_AGENT', fileOutputs: [file] },
    ]);
    expect(asked[0]!.body).not.toHaveProperty('audioMixing');
  });
});

const twirp = (code: string) => ({ code, msg: `no ${secret}eyJhbGciOi.eyJ2aWRlbyI6.c2ln` });

test.each(['start', 'updateStream'] as const)(
  'R4.4 R8.1 an address that LiveKit repeats in a refusal loses its key: %s',
  async (method) => {
    const url = 'rtmps://live.example.com/app/the-key?sig=another';
    const { api } = await oddLivekit((response) =>
      reply(response, 400, { code: 'invalid_argument', msg: `invalid url ${url}: unsupported` }),
    );
    const egress = createLivekitEgress(api, noStorages);
    const order = orderFor({ kind: 'room', room: 'r', outputs: [{ type: 'rtmp', urls: [url] }] });
    const error = await errorOf(
      method === 'start' ? egress.start(order) : egress.updateStream('EG_1', { add: [url], remove: [] }),
    );
    expect(error).toMatchObject({
      code: 'invalid',
      message: expect.stringContaining('rtmps://live.example.com/… unsupported'),
    });
    expect(JSON.stringify([error, error.message])).not.toMatch(/the-key|another/);
  },
);

describe('a server that answers oddly', () => {
  test.each([
    ['401', (response) => reply(response, 401, twirp('unauthenticated')), 'unauthorized', false],
    ['404', (response) => reply(response, 404, twirp('not_found')), 'not_found', false],
    ['429', (response) => reply(response, 429, twirp('resource_exhausted')), 'rate', false],
    ['500', (response) => reply(response, 500, twirp('internal')), 'unavailable', true],
    ['cuts', (response) => void response.destroy(), 'unavailable', true],
    ['no JSON', (response) => reply(response, 200, 'hello'), 'broken', true],
    ['another shape', (response) => reply(response, 200, { egressId: 7 }), 'broken', true],
    ['no id', (response) => reply(response, 200, {}), 'broken', true],
  ] as const satisfies readonly (readonly [string, Parameters<typeof oddLivekit>[0], string, boolean])[])(
    'R4.1 %s',
    async (_, answer, code, maybeDone) => {
      const { api, asked } = await oddLivekit(answer);
      const error = await errorOf(createLivekitEgress(api, noStorages).start(orderFor({ kind: 'room', room: 'r' })));
      expect(error).toMatchObject({ code, maybeDone });
      expect(error.message).not.toContain('eyJ');
      expect(asked).toHaveLength(1);
    },
  );
});
