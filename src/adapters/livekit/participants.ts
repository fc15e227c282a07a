import { RoomServiceClient } from 'livekit-server-sdk';
import type { Participants } from '../../actors/participants.ts';
import type { Secret } from '../../secret.ts';
import { apiFailure, isNotFound } from './failures.ts';

interface ParticipantsOptions {
  readonly url: string;
  readonly apiKey: string;
  readonly apiSecret: Secret;
}

/** Participants of a real LiveKit server's rooms. */
export function createLivekitParticipants({ url, apiKey, apiSecret }: ParticipantsOptions): Participants {
  const api = new RoomServiceClient(url, apiKey, apiSecret.reveal(), { failover: false });
  return {
    async remove({ room, identity }) {
      try {
        await api.removeParticipant(room, identity);
        return undefined;
      } catch (error) {
        return isNotFound(error) ? undefined : apiFailure(error);
      }
    },
  };
}
