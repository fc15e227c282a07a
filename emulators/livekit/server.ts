import type { ParticipantInfo, Room, SIPOutboundTrunkInfo } from '@livekit/protocol';
import { RoomServiceClient, ServerError, SipClient } from 'livekit-server-sdk';
import { notFound, relayed, TwirpError, type TwirpCode } from './twirp.ts';

/** What the front asks the real server. Everything throws a `TwirpError`, the server's own where it refused. */
export interface RealServer {
  /** Throws `not_found` for one that there is not. */
  room(name: string): Promise<Room>;
  participant(room: string, identity: string): Promise<ParticipantInfo>;
  participants(room: string): Promise<ParticipantInfo[]>;
  /** Throws `not_found` for one that there is not. */
  outboundTrunk(id: string): Promise<SIPOutboundTrunkInfo>;
  tell(room: string, identity: string, change: Change): Promise<void>;
  remove(room: string, identity: string): Promise<void>;
}

/** What of a participant is to change. */
export interface Change {
  readonly metadata?: string;
  readonly attributes?: Record<string, string>;
}

const limitSeconds = 6;

export function createRealServer(options: {
  readonly upstream: string;
  readonly apiKey: string;
  readonly apiSecret: string;
}): RealServer {
  const { upstream, apiKey, apiSecret } = options;
  const limits = { requestTimeout: limitSeconds, failover: false };
  const rooms = new RoomServiceClient(upstream, apiKey, apiSecret, limits);
  const sip = new SipClient(upstream, apiKey, apiSecret, limits);
  return {
    async room(name) {
      const [room] = await refusals(rooms.listRooms([name]));
      if (!room) throw notFound('requested room does not exist');
      return room;
    },
    participant: (room, identity) => refusals(rooms.getParticipant(room, identity)),
    participants: (room) => refusals(rooms.listParticipants(room)),
    async outboundTrunk(id) {
      const trunks = await refusals(sip.listSipOutboundTrunk({ trunkIds: [id] }));
      const trunk = trunks.find(({ sipTrunkId }) => sipTrunkId === id);
      if (!trunk) throw new TwirpError('not_found', 'requested sip trunk does not exist');
      return trunk;
    },
    tell: async (room, identity, change) => void (await refusals(rooms.updateParticipant(room, identity, change))),
    remove: (room, identity) => refusals(rooms.removeParticipant(room, identity)),
  };
}

/** The server's refusal in its own words; a server that does not answer is `unavailable`, as for its own parts. */
async function refusals<Answer>(asking: Promise<Answer>): Promise<Answer> {
  try {
    return await asking;
  } catch (error) {
    if (error instanceof ServerError && error.code)
      throw new TwirpError(error.code as TwirpCode, error.message, error.metadata);
    throw relayed('unavailable', 'no response from servers');
  }
}
