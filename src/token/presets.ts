import type { SipGrant, VideoGrant } from './claims.ts';

/** What a preset puts into a token. */
export interface Given {
  readonly video: VideoGrant;
  readonly sip?: SipGrant;
  readonly kind?: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** The rights of each kind of participant in one room, with the least that it needs. */
export const presets = {
  /** Hears and sees, says nothing. */
  viewer: (room) => ({
    video: { roomJoin: true, room, canSubscribe: true, canPublish: false, canPublishData: false },
  }),
  /** Shows its picture and nothing else. */
  camera: (room) => ({
    video: {
      roomJoin: true,
      room,
      canPublish: true,
      canPublishSources: ['camera'],
      canSubscribe: true,
      canPublishData: false,
    },
  }),
  /** Talks to an agent: the attribute makes a call of its joining. Data is for the keys of a telephone. */
  caller: (room) => ({
    video: {
      roomJoin: true,
      room,
      canPublish: true,
      canPublishSources: ['microphone'],
      canSubscribe: true,
      canPublishData: true,
    },
    attributes: { 'voicechart.role': 'caller' },
  }),
  /**
   * Of kind agent it neither counts as a participant nor holds an abandoned room open. `canUpdateOwnMetadata`, because without
   * it attributes are set in vain and without an error.
   */
  agent: (room) => ({
    video: {
      roomJoin: true,
      room,
      canPublish: true,
      canSubscribe: true,
      canPublishData: true,
      canUpdateOwnMetadata: true,
    },
    kind: 'agent',
    attributes: { 'voicechart.role': 'agent' },
  }),
  /** Listens unseen; that the room is being recorded is shown to all. */
  recorder: (room) => ({
    video: {
      roomJoin: true,
      room,
      canSubscribe: true,
      canPublish: false,
      canPublishData: false,
      hidden: true,
      recorder: true,
    },
  }),
  /** Everything of LiveKit's API, but no place in the room. */
  admin: (room) => ({
    video: { roomCreate: true, roomList: true, roomAdmin: true, roomRecord: true, ingressAdmin: true, room },
    sip: { admin: true, call: true },
  }),
} as const satisfies Readonly<Record<string, (room: string) => Given>>;

export type PresetName = keyof typeof presets;

export const presetNames = Object.keys(presets) as readonly PresetName[];

/** What somebody outside may be given. */
export const clientPresets = ['viewer', 'camera', 'caller'] as const satisfies readonly PresetName[];
export type ClientPreset = (typeof clientPresets)[number];
