import { createHash, randomBytes } from 'node:crypto';
import { AccessToken } from 'livekit-server-sdk';
import type { Headers } from './invite.ts';
import type { PhoneOptions, Role } from './types.ts';

/** Those of a call that comes in. */
export type CallStatus = 'ringing' | 'active' | 'hangup';

/** Who a gateway's leg is in the room, as livekit-sip makes it; or the recorder, or a streamer. */
export interface SipParticipant {
  readonly identity: string;
  readonly name: string;
  /** Empty for one that is in no call. */
  readonly callId: string;
  /** Of the INVITE that brought the call: From, To, Call-ID, and the caller's own. */
  readonly headers: Headers;
  /** A token to join with, also again, with these attributes besides. */
  token(told: Readonly<Record<string, string>>): Promise<string>;
}

const hostname = '127.0.0.1';

export function createSipParticipant(options: PhoneOptions): SipParticipant {
  const { from, to, hidePhoneNumber = false } = options;
  const callId = options.callId ?? `SCL_${randomId(12)}`;
  const callIdFull = `${randomBytes(12).toString('hex')}@${hostname}`;
  const callTag = randomBytes(6).toString('hex');
  const constant: Record<string, string> = {
    ...options.attributes,
    'sip.callID': callId,
    'sip.callIDFull': callIdFull,
    'sip.callTag': callTag,
    'sip.trunkID': options.trunkId ?? 'ST_emulated',
    'sip.ruleID': options.ruleId ?? 'SDR_emulated',
    ...(hidePhoneNumber ? {} : { 'sip.phoneNumber': from, 'sip.trunkPhoneNumber': to, 'sip.hostname': hostname }),
  };
  const headers = {
    From: `<sip:${from}@${hostname}>;tag=${callTag}`,
    To: `<sip:${to}@${hostname}>`,
    'Call-ID': callIdFull,
    ...options.headers,
  };
  const identity = hidePhoneNumber ? `sip_${hashOf(from)}` : `sip_${from}`;
  const name = `Phone ${hidePhoneNumber ? from.slice(-4) : from}`;
  const role: Role = { kind: 'sip', identity, name, attributes: { ...constant, 'sip.callStatus': 'ringing' } };
  return { ...roleParticipant(options, role), callId, headers };
}

/** Whoever is no caller. */
export function roleParticipant(options: PhoneOptions, role: Role): SipParticipant {
  const { identity, name } = role;
  const callId = role.attributes['sip.callID'] ?? '';
  return { identity, name, callId, headers: {}, token: (told) => tokenOf(options, role, told) };
}

const grants = {
  sip: { canPublish: true, canSubscribe: true, canPublishData: true },
  egress: { canPublish: false, canSubscribe: true, canPublishData: false, hidden: true, recorder: true },
  ingress: { canPublish: true, canSubscribe: false, canUpdateOwnMetadata: true },
};

function tokenOf(options: PhoneOptions, role: Role, told: Readonly<Record<string, string>>): Promise<string> {
  const { apiKey, apiSecret, room, metadata } = options;
  const token = new AccessToken(apiKey, apiSecret, {
    identity: role.identity,
    name: role.name,
    ttl: 3600,
    attributes: { ...role.attributes, ...told },
    ...(metadata === undefined ? {} : { metadata }),
  });
  token.kind = role.kind;
  token.addGrant({ roomJoin: true, room, ...grants[role.kind] });
  return token.toJwt();
}

const hashOf = (number: string): string => createHash('sha256').update(number).digest('hex').slice(0, 16);

const randomId = (length: number): string =>
  randomBytes(length).toString('base64url').replaceAll(/[-_]/g, 'x').slice(0, length);
