import { createHash } from 'node:crypto';
import { AccessToken } from 'livekit-server-sdk';
import type { Participants } from '../../src/actors/participants.ts';
import { ringOf } from './keys.ts';

export const apiKey = 'APIkeyForTests';
export const apiSecret = 'canary-secret-0123456789-abcdefghijkl-long-enough-for-every-algorithm';
export const keyRing = ringOf([apiKey, apiSecret]);

/** What LiveKit puts into `Authorization`: its own token over the body's hash. */
export async function sign(body: string, key = apiKey, secret = apiSecret): Promise<string> {
  const token = new AccessToken(key, secret, { ttl: 300 });
  token.sha256 = createHash('sha256').update(body).digest('base64');
  return token.toJwt();
}

export interface SignedRequest {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

export async function signed(payload: unknown): Promise<SignedRequest> {
  const body = typeof payload === 'string' ? payload : JSON.stringify(payload);
  return { body, headers: { authorization: await sign(body), 'content-type': 'application/webhook+json' } };
}

type Json = Record<string, unknown>;

const roomOf = (name: string): Json => ({
  sid: 'RM_t6g2mKPnXJ4a',
  name,
  emptyTimeout: 10,
  departureTimeout: 3,
  creationTime: '1795237875',
  creationTimeMs: '1795237875538',
  turnPassword: 'canary-turn-password',
  enabledCodecs: [{ mime: 'audio/opus' }, { mime: 'audio/red' }],
});

/** A SIP leg, as a real server tells of it. */
export const sipParticipant = (changes: Json = {}): Json => ({
  sid: 'PA_ViJdXkgPBTYf',
  identity: 'sip_+15550123',
  state: 'ACTIVE',
  metadata: '{"tenant":1}',
  joinedAt: '1795237875',
  joinedAtMs: '1795237875606',
  name: 'Phone +15550123',
  version: 2,
  permission: { canSubscribe: true, canPublish: true, canPublishData: true },
  kind: 'SIP',
  attributes: {
    'sip.callID': 'SCL_abc',
    'sip.callStatus': 'ringing',
    'sip.phoneNumber': '+15550123',
    'sip.trunkPhoneNumber': '+4930123456',
  },
  clientProtocol: 2,
  capabilities: [],
  ...changes,
});

export const roomName = 'voice-ai-call_+15550123_abc';

/** Whoever is to be put out is not there. */
export const emptyRooms: Participants = { remove: async () => undefined };

/** Bodies as livekit-server 1.13.5 sends them. */
export const webhookBody = (event: string, changes: Json = {}, room = roomName): Json => ({
  event,
  room: roomOf(room),
  ...(event.startsWith('participant_') ? { participant: sipParticipant() } : {}),
  id: `EV_${event}`,
  createdAt: '1795237875',
  ...changes,
});

export const joinedBody = (participant: Json = {}, changes: Json = {}): Json =>
  webhookBody('participant_joined', { participant: sipParticipant(participant), ...changes });

export const leftBody = (participant: Json = {}, changes: Json = {}): Json =>
  webhookBody('participant_left', {
    participant: sipParticipant({ state: 'DISCONNECTED', disconnectReason: 'CLIENT_INITIATED', ...participant }),
    ...changes,
  });
