/** A room as LiveKit has it now. */
export interface RoomInfo {
  readonly name: string;
  readonly sid: string;
  /** As it was given; JSON in rooms of ours. */
  readonly metadata: string;
  /** ms since 1970. */
  readonly createdAtMs: number;
  readonly emptyTimeoutMs: number;
  readonly departureTimeoutMs: number;
  /** 0: no limit. Agents and recorders do not count. */
  readonly maxParticipants: number;
  /** Up to 5 s old; without agents and recorders. */
  readonly participants: number;
}

export type TrackSourceName = 'unknown' | 'camera' | 'microphone' | 'screen_share' | 'screen_share_audio';

export interface TrackSummary {
  readonly sid: string;
  readonly name: string;
  readonly kind: 'audio' | 'video' | 'data';
  readonly source: TrackSourceName;
  readonly muted: boolean;
}

/** What a participant may do. LiveKit takes the set as a whole: what is not sent is taken away. */
export interface Permissions {
  readonly canPublish: boolean;
  readonly canSubscribe: boolean;
  readonly canPublishData: boolean;
  /** Empty: all. */
  readonly canPublishSources: readonly TrackSourceName[];
  readonly canUpdateMetadata: boolean;
  readonly hidden: boolean;
}

export interface ParticipantSummary {
  readonly identity: string;
  readonly sid: string;
  readonly name: string;
  readonly kind: 'standard' | 'ingress' | 'egress' | 'sip' | 'agent' | 'other';
  readonly state: 'joining' | 'joined' | 'active' | 'disconnected';
  readonly metadata: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** ms since 1970. */
  readonly joinedAtMs: number;
  readonly permissions: Permissions;
  readonly tracks: readonly TrackSummary[];
}

export interface RoomRequest {
  readonly name: string;
  /** Whole seconds; how long a room nobody came to stays. */
  readonly emptyTimeoutMs: number;
  /** Whole seconds; how long a room that everybody left stays. */
  readonly departureTimeoutMs: number;
  readonly maxParticipants: number;
  /** JSON text. */
  readonly metadata: string;
}

export interface ParticipantChange {
  readonly name?: string;
  /** JSON text. */
  readonly metadata?: string;
  /** An empty value deletes the attribute; those not named stay. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** Those not named stay as they are. */
  readonly permissions?: Partial<Permissions>;
}

export interface DataMessage {
  readonly bytes: Uint8Array;
  readonly topic?: string;
  /** Identities. Default: everybody in the room. */
  readonly to?: readonly string[];
}

/** LiveKit's rooms and who is in them. What fails rejects with a `ControlError`; nothing is tried twice. */
export interface Rooms {
  /** Makes the room. One of that name that is there already is given as it is, with the settings it has. */
  create(request: RoomRequest): Promise<RoomInfo>;
  /** All rooms, or those of these names that are there. */
  list(names?: readonly string[]): Promise<readonly RoomInfo[]>;
  /** Puts everybody out and ends the room. */
  delete(room: string): Promise<void>;
  participants(room: string): Promise<readonly ParticipantSummary[]>;
  participant(room: string, identity: string): Promise<ParticipantSummary>;
  /** Puts somebody out; with a valid token they may come back. */
  remove(room: string, identity: string): Promise<void>;
  update(room: string, identity: string, change: ParticipantChange): Promise<ParticipantSummary>;
  /** `refused` when a participant's own mute is to be undone and the server does not allow that. */
  mute(room: string, identity: string, trackSid: string, muted: boolean): Promise<TrackSummary>;
  subscribe(room: string, identity: string, trackSids: readonly string[], subscribed: boolean): Promise<void>;
  /** Reliable data. Resolves when LiveKit has taken it, not when it was received. */
  send(room: string, message: DataMessage): Promise<void>;
}
