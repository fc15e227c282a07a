import { DataPacket_Kind, type TrackInfo } from 'livekit-server-sdk';
import type { Rooms } from '../../../runtime/rooms.ts';
import type { LivekitApi } from './api.ts';
import { isMissing, missing, unlessGone, withReason } from './room-errors.ts';
import { changedPermission, participantSummary, roomInfo, trackSummary } from './room-shapes.ts';

/** Rooms of a real LiveKit. It takes what it is given: input from outside is checked before. */
export function createLivekitRooms({ rooms: sdk }: Pick<LivekitApi, 'rooms'>): Rooms {
  const isThere = async (room: string, identity?: string): Promise<boolean> =>
    identity === undefined
      ? (await sdk.listRooms([room])).length > 0
      : sdk.getParticipant(room, identity).then(
          () => true,
          (error: unknown) => !isMissing(error),
        );

  return {
    async create({ name, emptyTimeoutMs, departureTimeoutMs, maxParticipants, metadata }) {
      const [emptyTimeout, departureTimeout] = [emptyTimeoutMs / 1000, departureTimeoutMs / 1000];
      return roomInfo(await sdk.createRoom({ name, emptyTimeout, departureTimeout, maxParticipants, metadata }));
    },
    list: async (names) => (await sdk.listRooms(names && [...names])).map(roomInfo),
    delete: (room) => sdk.deleteRoom(room),
    participants: async (room) => (await sdk.listParticipants(room)).map(participantSummary),
    participant: async (room, identity) => participantSummary(await sdk.getParticipant(room, identity)),
    remove: (room, identity) => sdk.removeParticipant(room, identity),
    async update(room, identity, { permissions, ...change }) {
      const before = permissions && (await sdk.getParticipant(room, identity)).permission;
      const permission = permissions && changedPermission(before, permissions);
      const options = { ...change, ...(permission && { permission }) };
      return participantSummary(await sdk.updateParticipant(room, identity, options));
    },
    async mute(room, identity, trackSid, muted) {
      const muting = sdk.mutePublishedTrack(room, identity, trackSid, muted).catch(withReason(muted));
      // LiveKit mutes a track that is not there without a word.
      const track = (await unlessGone(muting, () => isThere(room, identity))) as TrackInfo | undefined;
      if (!track) throw missing('there is no such track');
      return trackSummary(track);
    },
    subscribe: (room, identity, trackSids, subscribed) =>
      unlessGone(sdk.updateSubscriptions(room, identity, [...trackSids], subscribed), () => isThere(room, identity)),
    send: (room, { bytes, topic, to }) =>
      unlessGone(
        sdk.sendData(room, bytes, DataPacket_Kind.RELIABLE, {
          ...(topic !== undefined && { topic }),
          ...(to && { destinationIdentities: [...to] }),
        }),
        () => isThere(room),
      ),
  };
}
