import { RoomServiceClient, TrackSource } from 'livekit-server-sdk';
import { afterAll, describe, expect, test } from 'vitest';
import { createTokenSigner } from '../../src/adapters/jose/token-signer.ts';
import { disposeRtc, loadRtc } from '../../src/adapters/livekit/rtc.ts';
import { Secret } from '../../src/secret.ts';
import {
  claimsOf,
  judgeGrants,
  type PresetName,
  type Right,
  type TokenClaims,
  type VideoGrant,
} from '../../src/token.ts';
import { newRoomName, sharedLivekit } from '../support/hub.ts';
import { ringOf } from '../support/keys.ts';
import { tokenCases } from '../support/token-cases.ts';

const { url, httpUrl, apiKey, apiSecret } = sharedLivekit();
const signer = createTokenSigner(ringOf([apiKey, apiSecret]));
const api = new RoomServiceClient(httpUrl, apiKey, apiSecret);
afterAll(() => disposeRtc());

async function saysServer(token: string): Promise<string> {
  const response = await fetch(`${httpUrl}/rtc/validate?access_token=${encodeURIComponent(token)}`);
  await response.arrayBuffer();
  return response.status === 200 ? 'valid' : 'refused';
}

test('D6.2 no token that a real server refuses is believed by us: our verdict and its, side by side', async () => {
  const cases = tokenCases({ apiKey, apiSecret }, Date.now());
  const said = await Promise.all(cases.map(async ({ name, token }) => [name, await saysServer(token)]));
  expect(said).toEqual(cases.map(({ name, server }) => [name, server]));
  expect(cases.filter(({ ours, server }) => ours === 'valid' && server !== 'valid')).toEqual([]);
});

const claimsFor = (preset: PresetName, room: string): TokenClaims =>
  claimsOf({ preset, identity: 'ada', room }, apiKey, { jti: 'one', atMs: Date.now() });

/** What a real server lets somebody with these grants do in a room. */
async function permissionsOf(room: string, video: VideoGrant, kind?: string) {
  const token = await signer.sign({ ...claimsFor('viewer', room), video, ...(kind === undefined ? {} : { kind }) });
  if (!(token instanceof Secret)) throw new Error(token.message);
  const joined = new (await loadRtc()).Room();
  await joined.connect(url, token.reveal(), { autoSubscribe: false, dynacast: false });
  const { permission } = await api.getParticipant(room, 'ada');
  await joined.disconnect();
  return permission;
}

const has = (claims: TokenClaims, right: Right): boolean => judgeGrants(claims, { rights: [right] }) === undefined;

const sourceNames = ['', 'camera', 'microphone', 'screen_share', 'screen_share_audio'] as const;

describe('R6.2 what grants allow, as a real server reads them', () => {
  const roomJoin = true;
  const grants: readonly (readonly [string, VideoGrant])[] = [
    ['nothing said', { roomJoin }],
    ['publishing forbidden', { roomJoin, canPublish: false }],
    ['data alone', { roomJoin, canPublish: false, canPublishData: true }],
    ['a source, but no publishing', { roomJoin, canPublish: false, canPublishSources: ['camera'] }],
    ['a source', { roomJoin, canPublishSources: ['screen_share'] }],
    ['no source', { roomJoin, canPublish: true, canPublishSources: [] }],
    ['own metadata', { roomJoin, canSubscribe: false, canUpdateOwnMetadata: true }],
  ];
  const presets = (['viewer', 'camera', 'caller', 'agent', 'recorder'] as const satisfies PresetName[]).map(
    (preset) => [`preset ${preset}`, preset] as const,
  );

  test('R6.3 a viewer sees and hears, and neither publishes nor sends data', async () => {
    const { video } = claimsFor('viewer', newRoomName());
    expect(video).toEqual({
      roomJoin: true,
      room: video.room,
      canSubscribe: true,
      canPublish: false,
      canPublishData: false,
    });
    const { canSubscribe, canPublish, canPublishData } = (await permissionsOf(video.room!, video))!;
    expect([canSubscribe, canPublish, canPublishData]).toEqual([true, false, false]);
  });

  test('R6.4 a camera publishes its picture and nothing else', async () => {
    const { video } = claimsFor('camera', newRoomName());
    expect(video.canPublishSources).toEqual(['camera']);
    const { canPublish, canPublishSources } = (await permissionsOf(video.room!, video))!;
    expect([canPublish, canPublishSources]).toEqual([true, [TrackSource.CAMERA]]);
  });

  test.each([...grants, ...presets])('%s', async (_name, given) => {
    const room = newRoomName();
    const claims =
      typeof given === 'string' ? claimsFor(given, room) : { ...claimsFor('viewer', room), video: { room, ...given } };
    const seen = await permissionsOf(room, claims.video, claims.kind);
    const sources = (seen?.canPublishSources ?? []).map((source) => sourceNames[source]);
    expect({
      canPublish: seen?.canPublish,
      sources,
      canSubscribe: seen?.canSubscribe,
      canPublishData: seen?.canPublishData,
      canUpdateMetadata: seen?.canUpdateMetadata,
      hidden: seen?.hidden,
    }).toEqual({
      canPublish: has(claims, 'canPublish'),
      sources: claims.video.canPublishSources ?? [],
      canSubscribe: has(claims, 'canSubscribe'),
      canPublishData: has(claims, 'canPublishData'),
      canUpdateMetadata: has(claims, 'canUpdateOwnMetadata'),
      hidden: claims.video.hidden ?? false,
    });
  });
});
