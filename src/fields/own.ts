/** Names by which this instance and LiveKit tell their own from others. */
const reserved = /^(?:agent|sip_)/i;

export const isReservedIdentity = (identity: string): boolean => reserved.test(identity);

export const reservedIdentity = 'must not begin with agent or sip_: these are names of ours and of telephones';

const reservedAttributes = /^(?:sip\.|lk\.|voicechart\.role$)/i;

export const isReservedAttribute = (name: string): boolean => reservedAttributes.test(name);

export const reservedAttribute = 'must not begin with sip. or lk., nor be voicechart.role';

/** Which rooms of a LiveKit that others may use too are ours. */
export interface OwnRooms {
  /** Rooms of calls begin so. */
  readonly prefix: string;
  /** Further rooms by name, in which there are no calls. */
  readonly declared: readonly string[];
}

export const isOwnRoom = ({ prefix, declared }: OwnRooms, room: string): boolean =>
  room.startsWith(prefix) || declared.includes(room);

export const ownRoomsOnly = ({ prefix, declared }: OwnRooms): string =>
  [`must begin with ${prefix}`, ...(declared.length > 0 ? [`be one of ${declared.join(', ')}`] : [])].join(' or ');
