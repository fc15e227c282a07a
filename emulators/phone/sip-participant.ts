import { createHash, randomBytes } from 'node:crypto';
import { AccessToken } from 'livekit-server-sdk';
import type { Headers } from './invite.ts';
import type { PhoneOptions } from './types.ts';

export type CallStatus = 'ringing' | 'active' | 'hangup';

/** Who a gateway's leg is in the room, as livekit-sip makes it. */
export interface SipParticipant {
  readonly identity: string;
  readonly name: string;
  readonly callId: string;
  /** Of the INVITE that brought the call: From, To, Call-ID, and the caller's own. */
  readonly headers: Headers;
  attributes(status: CallStatus): Record<string, string>;
  /** A token to join with, also again, in this state. */
  token(status: CallStatus): Promise<string>;
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
  const attributes = (status: CallStatus) => ({ ...constant, 'sip.callStatus': status });

  async function token(status: CallStatus): Promise<string> {
    const { apiKey, apiSecret, room, metadata } = options;
    const token = new AccessToken(apiKey, apiSecret, {
      identity,
      name,
      ttl: 3600,
      attributes: attributes(status),
      ...(metadata === undefined ? {} : { metadata }),
    });
    token.kind = 'sip';
    token.addGrant({ roomJoin: true, room, canPublish: true, canSubscribe: true, canPublishData: true });
    return token.toJwt();
  }

  return { identity, name, callId, headers, attributes, token };
}

const hashOf = (number: string): string => createHash('sha256').update(number).digest('hex').slice(0, 16);

const randomId = (length: number): string =>
  randomBytes(length).toString('base64url').replaceAll(/[-_]/g, 'x').slice(0, length);
