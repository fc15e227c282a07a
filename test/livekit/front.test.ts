import { AccessToken, type VideoGrant } from 'livekit-server-sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPhone } from '../../emulators/phone/phone.ts';
import type { Phone } from '../../emulators/phone/types.ts';
import { newRoomName } from '../support/hub.ts';
import { openFrontWorld, type FrontWorld } from '../support/livekit-front.ts';

let world: FrontWorld;

beforeAll(async () => {
  world = await openFrontWorld({ settings: { callee: { afterMs: 50 } } });
});
afterAll(() => world?.close());

/** Somebody who is in the room already, joined through the front: hears and speaks. */
function joinAgent(room: string): Promise<Phone> {
  const { apiKey, apiSecret } = world.server;
  return createPhone({ livekitUrl: world.front.url, apiKey, apiSecret, room, from: '+15550199', to: '+15550100' });
}

describe('a call out', () => {
  test('is a real participant who hears, speaks and types, and is told by the real server', async () => {
    const room = newRoomName();
    const agent = await joinAgent(room);
    const options = { participantIdentity: 'callee', waitUntilAnswered: true, participantAttributes: { own: '1' } };
    const info = await world.sip.createSipParticipant(world.trunkId, '+15550101', room, options);
    const call = await world.front.called('+15550101');
    await agent.when('answered');
    const words = agent.sayWords('one two');
    await call.phone.when('heard.word', ({ text }) => text === 'two');
    await words;
    await call.phone.sayWords('three');
    await agent.when('heard.word', ({ text }) => text === 'three');
    await agent.sendDigits('5');
    await call.phone.when('digit.heard', ({ digit }) => digit === '5');

    const joined = await world.webhook(
      ({ event, participant }) => event === 'participant_joined' && participant?.sid === info.participantId,
    );
    expect(joined.participant).toMatchObject({
      identity: 'callee',
      attributes: {
        own: '1',
        'sip.callID': info.sipCallId,
        'sip.callStatus': 'dialing',
        'sip.phoneNumber': '+15550101',
      },
    });
    await call.hangUp();
    const left = await world.webhook(
      ({ event, participant }) => event === 'participant_left' && participant?.sid === info.participantId,
    );
    expect(left.toJson()).toMatchObject({
      participant: { kind: 'SIP', disconnectReason: 'CLIENT_INITIATED', attributes: { 'sip.callStatus': 'hangup' } },
    });
    await agent.hangUp();
  });
});

type Grants = VideoGrant & { readonly sip?: { readonly admin?: boolean; readonly call?: boolean } };

interface Asked {
  readonly method: string;
  readonly body: object | string;
  readonly grants?: Grants | undefined;
  readonly type?: string;
  readonly authorization?: string;
}

/** Made anew for each, or a matter of the server's configuration. */
const ids = /"(ingress_id|stream_key|url)":\s*"[^"]*"/g;

/** Status and body of the same request at the front and at the server itself. */
async function both(asked: Asked) {
  const authorization = asked.authorization ?? (asked.grants && `Bearer ${await tokenOf(asked.grants)}`);
  const ask = async (url: string) => {
    const response = await fetch(`${url}/twirp/livekit.${asked.method}`, {
      method: 'POST',
      headers: { 'content-type': asked.type ?? 'application/json', ...(authorization && { authorization }) },
      body: typeof asked.body === 'string' ? asked.body : JSON.stringify(asked.body),
    });
    const type = response.headers.get('content-type');
    const text = (await response.text()).replaceAll(ids, '"$1":"-"');
    return { status: response.status, type, body: type === 'application/json' ? (JSON.parse(text) as unknown) : text };
  };
  const [front, server] = await Promise.all([ask(world.front.httpUrl), ask(world.server.httpUrl)]);
  return { front, server };
}

function tokenOf({ sip, ...video }: Grants): Promise<string> {
  const token = new AccessToken(world.server.apiKey, world.server.apiSecret, { ttl: 60 });
  token.addGrant(video);
  if (sip) token.addSIPGrant(sip);
  return token.toJwt();
}

const record: Grants = { roomRecord: true };
const streams: Grants = { ingressAdmin: true };
const calls: Grants = { roomAdmin: true, room: 'nowhere', sip: { call: true } };
const file = { file_outputs: [{ filepath: 'a.ogg' }], audio_only: true };
const streamer = { room_name: 'nowhere', participant_identity: 'streamer' };

const refused: Record<string, Asked> = {
  'a call by an unknown trunk': {
    method: 'SIP/CreateSIPParticipant',
    body: { sip_trunk_id: 'ST_none', sip_call_to: '+1555', room_name: 'nowhere' },
    grants: calls,
  },
  'a call to a number with a host': {
    method: 'SIP/CreateSIPParticipant',
    body: { sip_trunk_id: 'ST_none', sip_call_to: 'a@b', room_name: 'nowhere' },
    grants: calls,
  },
  'a call by no trunk': {
    method: 'SIP/CreateSIPParticipant',
    body: { sip_call_to: '1', room_name: 'a' },
    grants: calls,
  },
  'a call to nobody': { method: 'SIP/CreateSIPParticipant', body: { sip_trunk_id: 'ST_none' }, grants: calls },
  'a call into no room': {
    method: 'SIP/CreateSIPParticipant',
    body: { sip_trunk_id: 'a', sip_call_to: '1' },
    grants: calls,
  },
  'a transfer of nobody': {
    method: 'SIP/TransferSIPParticipant',
    body: { room_name: 'nowhere', participant_identity: 'nobody', transfer_to: 'tel:+1555' },
    grants: calls,
  },
  'a transfer to what is no address': {
    method: 'SIP/TransferSIPParticipant',
    body: { room_name: 'nowhere', participant_identity: 'nobody', transfer_to: '+1555' },
    grants: calls,
  },
  'a transfer to nowhere': {
    method: 'SIP/TransferSIPParticipant',
    body: { room_name: 'nowhere', participant_identity: 'nobody' },
    grants: calls,
  },
  'a transfer in no room': { method: 'SIP/TransferSIPParticipant', body: {}, grants: calls },
  'a transfer of no one': { method: 'SIP/TransferSIPParticipant', body: { room_name: 'a' }, grants: calls },
  'a recording of a room there is not': {
    method: 'Egress/StartRoomCompositeEgress',
    body: { room_name: 'nowhere', ...file },
    grants: record,
  },
  'a layout of an unknown recording': { method: 'Egress/UpdateLayout', body: { egress_id: 'EG_none' }, grants: record },
  'the end of an unknown recording': { method: 'Egress/StopEgress', body: { egress_id: 'EG_none' }, grants: record },
  'a change of an unknown stream': { method: 'Egress/UpdateStream', body: { egress_id: 'EG_none' }, grants: record },
  'a list of an unknown recording': { method: 'Egress/ListEgress', body: { egress_id: 'EG_none' }, grants: record },
  'an ingress of no identity': { method: 'Ingress/CreateIngress', body: { room_name: 'a' }, grants: streams },
  'an ingress of no type': { method: 'Ingress/CreateIngress', body: { ...streamer, input_type: 9 }, grants: streams },
  'an ingress from no URL': {
    method: 'Ingress/CreateIngress',
    body: { ...streamer, input_type: 'URL_INPUT' },
    grants: streams,
  },
  'an ingress from a file': {
    method: 'Ingress/CreateIngress',
    body: { ...streamer, input_type: 'URL_INPUT', url: 'file:///etc/passwd' },
    grants: streams,
  },
  'an ingress that is pulled and off': {
    method: 'Ingress/CreateIngress',
    body: { ...streamer, input_type: 'URL_INPUT', url: 'https://example.com/a.mp4', enabled: false },
    grants: streams,
  },
  'an ingress without transcoding': {
    method: 'Ingress/CreateIngress',
    body: { ...streamer, enable_transcoding: false },
    grants: streams,
  },
  'an ingress of odd sizes': {
    method: 'Ingress/CreateIngress',
    body: { ...streamer, video: { options: { layers: [{ width: 3, height: 2 }] } } },
    grants: streams,
  },
  'an ingress of shrinking layers': {
    method: 'Ingress/CreateIngress',
    body: {
      ...streamer,
      video: {
        options: {
          layers: [
            { width: 4, height: 4 },
            { quality: 'MEDIUM', width: 2, height: 2 },
          ],
        },
      },
    },
    grants: streams,
  },
  'an ingress of three channels': {
    method: 'Ingress/CreateIngress',
    body: { ...streamer, audio: { options: { channels: 3 } } },
    grants: streams,
  },
  'an ingress with a camera that sounds': {
    method: 'Ingress/CreateIngress',
    body: { ...streamer, audio: { source: 'CAMERA' } },
    grants: streams,
  },
  'a change of an unknown ingress': {
    method: 'Ingress/UpdateIngress',
    body: { ingress_id: 'IN_none' },
    grants: streams,
  },
  'a list of an unknown ingress': { method: 'Ingress/ListIngress', body: { ingress_id: 'IN_none' }, grants: streams },
  'the end of an unknown ingress': {
    method: 'Ingress/DeleteIngress',
    body: { ingress_id: 'IN_none' },
    grants: streams,
  },
  'a request of another type': { method: 'SIP/CreateSIPParticipant', body: '{}', type: 'text/plain', grants: calls },
  'a request with Basic authorization': { method: 'Egress/ListEgress', body: {}, authorization: 'Basic x' },
  'a request with what is no token': { method: 'Egress/ListEgress', body: {}, authorization: 'Bearer x' },
  ...Object.fromEntries(
    [
      'SIP/CreateSIPParticipant',
      'Egress/StartRoomCompositeEgress',
      'Egress/StartWebEgress',
      'Egress/StartEgress',
      'Egress/UpdateLayout',
      'Egress/ListEgress',
      'Egress/StopEgress',
      'Ingress/CreateIngress',
      'Ingress/UpdateIngress',
      'Ingress/ListIngress',
      'Ingress/DeleteIngress',
    ].map((method) => [`${method} without a token`, { method, body: {} }]),
  ),
  'a call by one who may do the rest': {
    method: 'SIP/CreateSIPParticipant',
    body: {},
    grants: { roomRecord: true, ingressAdmin: true, sip: { admin: true } },
  },
  'a transfer by the admin of another room': {
    method: 'SIP/TransferSIPParticipant',
    body: { room_name: 'another', participant_identity: 'nobody', transfer_to: 'tel:+1555' },
    grants: calls,
  },
};

describe('what the real server refuses by itself is refused by the front with its words:', () => {
  test.concurrent.each(Object.entries(refused))('%s', async (_, asked) => {
    const { front, server } = await both(asked);
    expect(server.status).toBeGreaterThanOrEqual(400);
    expect(front).toEqual(server);
  });

  test('an expired token and a bad signature, up to the library’s own words', async () => {
    for (const [secret, ttl] of [
      ['x'.repeat(32), 60],
      [world.server.apiSecret, -120],
    ] as const) {
      const token = new AccessToken(world.server.apiKey, secret, { ttl });
      const authorization = `Bearer ${await token.toJwt()}`;
      const { front, server } = await both({ method: 'Egress/ListEgress', body: {}, authorization });
      expect(front).toEqual(server);
    }
  });
});

describe('what it answers by itself is answered alike:', () => {
  test.each([
    ['RTMP', { ...streamer, name: 'obs-stream' }],
    ['WHIP', { ...streamer, input_type: 'WHIP_INPUT' }],
  ])('an ingress for %s, but for ids, keys and the address', async (_, body) => {
    const { front, server } = await both({ method: 'Ingress/CreateIngress', body, grants: streams });
    expect(server.status).toBe(200);
    expect(front).toEqual(server);
  });

  test('an empty list of recordings', async () => {
    const { front, server } = await both({
      method: 'Egress/ListEgress',
      body: { room_name: 'nowhere' },
      grants: record,
    });
    expect(front).toEqual(server);
  });
});
