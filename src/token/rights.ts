import type { SipGrant, TokenSource, VideoGrant } from './claims.ts';

interface Grants {
  readonly video: VideoGrant;
  readonly sip?: SipGrant;
}

/** Whether sound or pictures of this source may be published; of any source when none is named. */
function mayPublish({ canPublish, canPublishSources = [] }: VideoGrant, source?: TokenSource): boolean {
  if (canPublish === false) return false;
  return source === undefined || canPublishSources.length === 0 || canPublishSources.includes(source);
}

/** What each right takes, as LiveKit reads grants: publishing and subscribing are allowed unless forbidden, data follows publishing. */
const has = {
  roomCreate: ({ video }) => video.roomCreate === true,
  roomList: ({ video }) => video.roomList === true,
  roomJoin: ({ video }) => video.roomJoin === true,
  roomAdmin: ({ video }) => video.roomAdmin === true,
  roomRecord: ({ video }) => video.roomRecord === true,
  ingressAdmin: ({ video }) => video.ingressAdmin === true,
  canPublish: ({ video }) => mayPublish(video),
  canSubscribe: ({ video }) => video.canSubscribe !== false,
  canPublishData: ({ video }) => video.canPublishData ?? mayPublish(video),
  canUpdateOwnMetadata: ({ video }) => video.canUpdateOwnMetadata === true,
  'sip.admin': ({ sip }) => sip?.admin === true,
  'sip.call': ({ sip }) => sip?.call === true,
} as const satisfies Readonly<Record<string, (grants: Grants) => boolean>>;

export type Right = keyof typeof has;

export const rights = Object.keys(has) as [Right, ...Right[]];

/** What a token must allow to be of use. */
export interface Demand {
  readonly rights: readonly Right[];
  readonly room?: string;
}

/** To join this room. */
export const demandOf = (room: string): Demand => ({ rights: ['roomJoin'], room });

/** What of a demand these grants do not give. */
export function lacking(grants: Grants, { rights, room }: Demand): readonly string[] {
  const missing = rights.filter((right) => !has[right](grants));
  const ofOneRoom = rights.includes('roomJoin') || rights.includes('roomAdmin');
  const wrongRoom = room === undefined ? ofOneRoom && !grants.video.room : grants.video.room !== room;
  return wrongRoom ? [...missing, 'room'] : missing;
}
