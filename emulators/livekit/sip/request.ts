import type { Duration } from '@bufbuild/protobuf';
import { SIPOutboundTrunkInfo, type CreateSIPParticipantRequest } from '@livekit/protocol';
import type { RealServer } from '../server.ts';
import { relayed, TwirpError } from '../twirp.ts';

const mostDisplayName = 128;
const defaultRingMs = 30_000;
const defaultMaxCallMs = 24 * 3_600_000;

/** A call out, as the gateway is asked for it. */
export interface Outgoing {
  readonly room: string;
  readonly identity: string;
  readonly name: string;
  readonly metadata: string;
  /** All but the call's own id and status. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly number: string;
  readonly from: string;
  /** Host and port that the INVITE goes to. */
  readonly address: string;
  readonly dtmf: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly ringMs: number;
  readonly maxCallMs: number;
}

/** Refuses what LiveKit's server refuses, with its words, and fills in what it does from the trunk. Throws a `TwirpError`. */
export async function readOutgoing(request: CreateSIPParticipantRequest, server: RealServer): Promise<Outgoing> {
  validate(request);
  const trunk = request.sipTrunkId ? await server.outboundTrunk(request.sipTrunkId) : inlineTrunk(request);
  const from = request.sipNumber || trunk.numbers[Math.floor(Math.random() * trunk.numbers.length)];
  if (!from) throw relayed('failed_precondition', 'no numbers on outbound trunk');
  const number = request.sipCallTo;
  const shown = { 'sip.phoneNumber': number, 'sip.trunkPhoneNumber': from, 'sip.hostname': trunk.address };
  return {
    room: request.roomName,
    identity: request.participantIdentity || `sip_${number}`,
    name: request.participantName,
    metadata: request.participantMetadata,
    attributes: {
      ...request.participantAttributes,
      'sip.trunkID': request.sipTrunkId,
      ...(request.hidePhoneNumber ? {} : shown),
    },
    number,
    from,
    address: trunk.address,
    dtmf: request.dtmf,
    headers: { ...trunk.headers, ...request.headers },
    ringMs: msOf(request.ringingTimeout) || defaultRingMs,
    maxCallMs: msOf(request.maxCallDuration) || defaultMaxCallMs,
  };
}

const invalid = (message: string): TwirpError => new TwirpError('invalid_argument', message);

function validate(request: CreateSIPParticipantRequest): void {
  const { sipTrunkId, trunk, sipNumber, sipCallTo, roomName, displayName } = request;
  if (!sipTrunkId && !trunk && !sipNumber) throw invalid('missing sip trunk id and sip number');
  if (trunk && !trunk.hostname) throw invalid('no trunk hostname specified');
  if (!sipCallTo) throw invalid('missing sip callee number');
  if (sipCallTo.includes('@')) throw invalid('SipCallTo should be a phone number or SIP user, not a full SIP URI');
  if (!roomName) throw invalid('missing room name');
  if (Buffer.byteLength(displayName ?? '') > mostDisplayName)
    throw invalid(`DisplayName too long (max ${mostDisplayName} characters)`);
}

const inlineTrunk = ({ trunk }: CreateSIPParticipantRequest) =>
  new SIPOutboundTrunkInfo(trunk ? { address: trunk.hostname } : {});

/** 0 where nothing was said. */
export const msOf = (duration: Duration | undefined): number =>
  duration ? Number(duration.seconds) * 1000 + duration.nanos / 1e6 : 0;
