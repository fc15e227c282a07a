import { ControlError } from '../../../src/runtime/control-error.ts';
import type {
  DataMessage,
  ParticipantChange,
  ParticipantSummary,
  RoomInfo,
  RoomRequest,
  Rooms,
  TrackSummary,
} from '../../../src/runtime/rooms.ts';

/** Somebody in a fake room, as a client of theirs would see it. */
export interface FakeGuest {
  summary: ParticipantSummary;
  readonly received: DataMessage[];
  present: boolean;
  /** Tracks of others that they hear, and all that they were given to hear so far. */
  readonly subscribed: Set<string>;
  readonly heard: string[];
}

interface FakeRoom {
  info: RoomInfo;
  readonly guests: Map<string, FakeGuest>;
}

export interface FakeRooms {
  readonly rooms: Rooms;
  /** Requests that came, by name. */
  readonly asked: string[];
  enter(room: string, identity: string): FakeGuest;
}

const refusal = (code: 'not_found' | 'refused', message: string): ControlError =>
  new ControlError(code, { vendor: 'livekit', phase: 'rest', class: 'api', sub: 'config', retryable: false, message });

/** Rooms in memory. Times stand still; it passes the contract that LiveKit's pass. */
export function createFakeRooms(): FakeRooms {
  const open = new Map<string, FakeRoom>();
  const asked: string[] = [];
  let serial = 0;
  const sid = (kind: string) => `${kind}_${(serial += 1)}`;

  const find = (room: string): FakeRoom => {
    const found = open.get(room);
    if (!found) throw refusal('not_found', 'there is no such room');
    return found;
  };
  const guestOf = (room: string, identity: string): FakeGuest => {
    const guest = open.get(room)?.guests.get(identity);
    if (!guest) throw refusal('not_found', 'there is no such room or participant');
    return guest;
  };
  const infoOf = ({ info, guests }: FakeRoom): RoomInfo => ({ ...info, participants: guests.size });

  const rooms: Rooms = {
    async create(request) {
      const room = open.get(request.name) ?? { info: newRoom(request, sid('RM')), guests: new Map() };
      open.set(request.name, room);
      return infoOf(room);
    },
    list: async (names) => [...open.values()].map(infoOf).filter(({ name }) => names?.includes(name) ?? true),
    async delete(room) {
      for (const guest of find(room).guests.values()) guest.present = false;
      open.delete(room);
    },
    participants: async (room) => [...(open.get(room)?.guests.values() ?? [])].map(({ summary }) => summary),
    participant: async (room, identity) => guestOf(room, identity).summary,
    async remove(room, identity) {
      guestOf(room, identity).present = false;
      find(room).guests.delete(identity);
    },
    async update(room, identity, change) {
      const guest = guestOf(room, identity);
      guest.summary = changed(guest.summary, change);
      return guest.summary;
    },
    async mute(room, identity, trackSid, muted) {
      const guest = guestOf(room, identity);
      const track = guest.summary.tracks.find((each) => each.sid === trackSid);
      if (!muted) throw refusal('refused', 'a participant unmutes their own track: room.enable_remote_unmute is off');
      if (!track) throw refusal('not_found', 'there is no such track');
      const after: TrackSummary = { ...track, muted };
      guest.summary = { ...guest.summary, tracks: guest.summary.tracks.map((each) => (each === track ? after : each)) };
      return after;
    },
    async subscribe(room, identity, trackSids, subscribed) {
      const guest = guestOf(room, identity);
      for (const each of trackSids)
        if (subscribed) hear(guest, each);
        else guest.subscribed.delete(each);
    },
    async send(room, message) {
      const { guests } = find(room);
      for (const guest of guests.values())
        if (message.to?.includes(guest.summary.identity) ?? true) guest.received.push(message);
    },
  };

  return {
    asked,
    rooms: noting(rooms, asked),
    enter(room, identity) {
      const guest: FakeGuest = {
        summary: newGuest(identity, sid),
        received: [],
        present: true,
        subscribed: new Set(),
        heard: [],
      };
      const { guests } = find(room);
      for (const other of guests.values()) {
        hear(other, guest.summary.tracks[0]!.sid);
        hear(guest, other.summary.tracks[0]!.sid);
      }
      guests.set(identity, guest);
      return guest;
    },
  };
}

function hear({ subscribed, heard }: FakeGuest, trackSid: string): void {
  if (!subscribed.has(trackSid)) heard.push(trackSid);
  subscribed.add(trackSid);
}

/** The same rooms, with the name of each request noted as it comes. */
const noting = (rooms: Rooms, asked: string[]): Rooms =>
  new Proxy(rooms, {
    get: (target, name: keyof Rooms) => {
      const method = target[name] as (...args: unknown[]) => unknown;
      return (...args: unknown[]) => {
        asked.push(name);
        return method(...args);
      };
    },
  });

const newRoom = (request: RoomRequest, sid: string): RoomInfo => ({ ...request, sid, createdAtMs: 0, participants: 0 });

const newGuest = (identity: string, sid: (kind: string) => string): ParticipantSummary => ({
  identity,
  sid: sid('PA'),
  name: identity,
  kind: 'standard',
  state: 'active',
  metadata: '',
  attributes: {},
  joinedAtMs: 0,
  permissions: {
    canPublish: true,
    canSubscribe: true,
    canPublishData: true,
    canPublishSources: [],
    canUpdateMetadata: false,
    hidden: false,
  },
  tracks: [{ sid: sid('TR'), name: 'voice', kind: 'audio', source: 'microphone', muted: false }],
});

const changed = (before: ParticipantSummary, change: ParticipantChange): ParticipantSummary => {
  const attributes = Object.entries({ ...before.attributes, ...change.attributes }).filter(([, value]) => value !== '');
  return {
    ...before,
    ...change,
    attributes: Object.fromEntries(attributes),
    permissions: { ...before.permissions, ...change.permissions },
  };
};
