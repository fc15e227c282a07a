import {
  type ParticipantInfo,
  ParticipantInfo_State,
  ParticipantPermission,
  type Room,
  type TrackInfo,
  TrackSource,
  TrackType,
} from 'livekit-server-sdk';
import type {
  ParticipantSummary,
  Permissions,
  RoomInfo,
  TrackSourceName,
  TrackSummary,
} from '../../../runtime/rooms.ts';

/** Without `turnPassword`, which LiveKit adds to every room. */
export const roomInfo = (room: Room): RoomInfo => ({
  name: room.name,
  sid: room.sid,
  metadata: room.metadata,
  createdAtMs: Number(room.creationTimeMs || room.creationTime * 1000n),
  emptyTimeoutMs: room.emptyTimeout * 1000,
  departureTimeoutMs: room.departureTimeout * 1000,
  maxParticipants: room.maxParticipants,
  participants: room.numParticipants,
});

/** By number in the protocol; of the SDK's enums this one is not exported. */
const kinds: readonly (ParticipantSummary['kind'] | undefined)[] = ['standard', 'ingress', 'egress', 'sip', 'agent'];

export const participantSummary = (participant: ParticipantInfo): ParticipantSummary => ({
  identity: participant.identity,
  sid: participant.sid,
  name: participant.name,
  kind: kinds[participant.kind] ?? 'other',
  state: lowerCase(ParticipantInfo_State[participant.state]) as ParticipantSummary['state'],
  metadata: participant.metadata,
  attributes: { ...participant.attributes },
  joinedAtMs: Number(participant.joinedAtMs || participant.joinedAt * 1000n),
  permissions: permissionsOf(participant.permission ?? new ParticipantPermission()),
  tracks: participant.tracks.map(trackSummary),
});

export const trackSummary = (track: TrackInfo): TrackSummary => ({
  sid: track.sid,
  name: track.name,
  kind: lowerCase(TrackType[track.type]) as TrackSummary['kind'],
  source: sourceName(track.source),
  muted: track.muted,
});

const permissionsOf = (given: ParticipantPermission): Permissions => ({
  canPublish: given.canPublish,
  canSubscribe: given.canSubscribe,
  canPublishData: given.canPublishData,
  canPublishSources: given.canPublishSources.map(sourceName),
  canUpdateMetadata: given.canUpdateMetadata,
  hidden: given.hidden,
});

/** The whole set with what is to change; also the rights that we do not name stay. */
export const changedPermission = (
  before: ParticipantPermission | undefined,
  { canPublishSources, ...change }: Partial<Permissions>,
): ParticipantPermission =>
  new ParticipantPermission({
    ...before,
    ...change,
    ...(canPublishSources && { canPublishSources: canPublishSources.map((name) => TrackSource[upperCase(name)]) }),
  });

const sourceName = (source: TrackSource): TrackSourceName => lowerCase(TrackSource[source]) as TrackSourceName;

const lowerCase = (name: string | undefined): string => (name ?? 'unknown').toLowerCase();

const upperCase = (name: TrackSourceName) => name.toUpperCase() as Uppercase<TrackSourceName>;
