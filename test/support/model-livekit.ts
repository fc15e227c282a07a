import type { RoomFact } from '../../src/actors/room.ts';
import { createCallerBinding } from '../../src/adapters/line/caller-binding.ts';
import { rivalOf } from '../../src/adapters/line/rivals.ts';
import type { Clock } from '../../src/clock.ts';
import { ControlError } from '../../src/runtime/control-error.ts';
import type { ParticipantSummary, RoomInfo } from '../../src/runtime/rooms.ts';

/** What is told of the rooms, as webhooks tell it. */
export type ModelWebhook = { readonly event: string; readonly id: string } & Readonly<Record<string, unknown>>;

interface Member {
  readonly sid: string;
  readonly identity: string;
  readonly kind: 'sip' | 'agent';
  readonly attributes: Readonly<Record<string, string>>;
  /** Whoever holds this connection; not told of its own comings. */
  readonly told: Told;
}

interface Told {
  joined?(member: Member): void;
  left?(member: Member, reason: string): void;
  /** The connection is closed by the server. */
  closed(reason: string): void;
  /** The server died. */
  broken(): void;
}

interface Room {
  readonly sid: string;
  readonly members: Map<string, Member>;
  /** Number of the last who came and is no agent. */
  lastCame: number;
}

const failure = { vendor: 'livekit', phase: 'rest', class: 'network', retryable: true, message: 'no answer' } as const;
const departureMs = 20_000;
const joinMs = 80;

const shown = ({ sid, identity, kind, attributes }: Member) => ({
  sid,
  identity,
  attributes,
  kind: kind === 'sip' ? 'SIP' : 'AGENT',
});

/** As much of a LiveKit as intake and reconciler see: rooms, who is in them, webhooks in order, lists, and a death now and then. */
export function createModelLivekit(clock: Clock, emit: (webhook: ModelWebhook) => void) {
  const rooms = new Map<string, Room>();
  const ups = new Set<() => void>();
  let ids = 0;
  let isUp = true;
  let lie: 'error' | 'empty' | undefined;
  const id = (kind: string) => `${kind}_${(ids += 1)}`;
  const tell = (event: string, name: string, { sid }: Room, more: object = {}) =>
    emit({ event, id: id('EV'), room: { name, sid }, ...more });

  function enter(name: string, who: Omit<Member, 'sid'>): string {
    const room = rooms.get(name) ?? { sid: id('RM'), members: new Map<string, Member>(), lastCame: 0 };
    if (!rooms.has(name)) tell('room_started', name, room);
    rooms.set(name, room);
    const before = room.members.get(who.identity);
    if (before) drop(name, before.sid, 'DUPLICATE_IDENTITY');
    const member = { ...who, sid: id('PA') };
    const others = [...room.members.values()];
    room.members.set(member.identity, member);
    if (who.kind !== 'agent') room.lastCame = ids;
    rooms.set(name, room);
    tell('participant_joined', name, room, { participant: shown(member) });
    for (const other of others) other.told.joined?.(member);
    return member.sid;
  }

  /** Somebody is out of the room, by his own will or not; an agent alone does not hold it open. */
  function drop(name: string, sid: string, reason: string): void {
    const room = rooms.get(name);
    const member = [...(room?.members.values() ?? [])].find((each) => each.sid === sid);
    if (!room || !member) return;
    room.members.delete(member.identity);
    tell('participant_left', name, room, { participant: { ...shown(member), disconnectReason: reason } });
    for (const other of room.members.values()) other.told.left?.(member, reason);
    const came = ids;
    if ([...room.members.values()].every(({ kind }) => kind === 'agent'))
      clock.setTimeout(() => closeIfLeft(name, room, came), departureMs);
  }

  /** Nobody but agents has come since. */
  const closeIfLeft = (name: string, room: Room, since: number) => {
    const isLeft = room.lastCame <= since && [...room.members.values()].every(({ kind }) => kind === 'agent');
    if (rooms.get(name) === room && isLeft) close(name, 'ROOM_CLOSED');
  };

  function close(name: string, reason: string): void {
    const room = rooms.get(name);
    if (!room) return;
    rooms.delete(name);
    for (const member of room.members.values()) {
      tell('participant_left', name, room, { participant: { ...shown(member), disconnectReason: reason } });
      member.told.closed(reason);
    }
    tell('room_finished', name, room);
  }

  async function answer<T>(lied: T, truth: () => T): Promise<T> {
    if (!isUp || lie === 'error') throw new ControlError('unavailable', failure);
    return lie === 'empty' ? lied : truth();
  }

  /** An agent's place in a room, from its joining until `signal` aborts, with what a real one reports. */
  function connect(
    name: string,
    identity: string,
    callerKey: string,
    {
      signal,
      isDead,
      report,
    }: { readonly signal: AbortSignal; readonly isDead: () => boolean; readonly report: (fact: RoomFact) => void },
  ): void {
    let sid: string | undefined;
    let over = false;
    const mute = () => over || signal.aborted || isDead();
    const say = (fact: RoomFact) => void (mute() || report(fact));
    const finish = (fact: RoomFact) => {
      say(fact);
      over = true;
    };
    const remove = (other: string) => {
      const found = rooms.get(name)?.members.get(other);
      found?.told.closed('PARTICIPANT_REMOVED');
      if (found) drop(name, found.sid, 'PARTICIPANT_REMOVED');
    };
    const binding = createCallerBinding({ callerKey, remove, report: say });
    const told: Told = {
      joined: (member) => {
        if (rivalOf(identity, member.identity) === 'newer') told.closed('PARTICIPANT_REMOVED');
        else if (member.kind === 'sip') binding.seen({ ...member, kind: member.kind });
      },
      left: (member, reason) => binding.left(member.sid, reason),
      closed: (reason) =>
        finish(reason.startsWith('ROOM') ? { type: 'line.closed', reason } : { type: 'line.fenced', reason }),
      broken: () => {
        sid = undefined;
        say({ type: 'line.reconnecting' });
        const up = () => {
          ups.delete(up);
          clock.setTimeout(() => void (mute() || join('line.reconnected')), 300);
        };
        ups.add(up);
      },
    };
    function join(fact: 'line.joined' | 'line.reconnected'): void {
      if (!isUp) return finish({ type: 'line.failed', failure });
      sid = enter(name, { identity, kind: 'agent', attributes: {}, told });
      const members = [...rooms.get(name)!.members.values()];
      say({ type: fact });
      for (const each of members) if (rivalOf(identity, each.identity) === 'older') remove(each.identity);
      binding.reconcile(
        members.filter(({ kind }) => kind === 'sip').map((each) => ({ ...each, kind: 'sip' as const })),
      );
    }
    clock.setTimeout(() => void (mute() || join('line.joined')), joinMs);
    signal.addEventListener(
      'abort',
      () => void (sid !== undefined && !isDead() && drop(name, sid, 'CLIENT_INITIATED')),
    );
  }

  return {
    enter,
    drop,
    connect,
    isUp: () => isUp,
    inRoom: (name: string) => [...(rooms.get(name)?.members.values() ?? [])],
    /** Whoever was connected finds its own way back, with a new SID; nothing is told of the old life. */
    async restart(downMs: number): Promise<void> {
      const members = [...rooms.values()].flatMap((room) => [...room.members.values()]);
      rooms.clear();
      isUp = false;
      for (const { told } of members) told.broken();
      clock.setTimeout(() => {
        isUp = true;
        for (const up of Array.from(ups)) up();
      }, downMs);
    },
    whenUp: (run: () => void) =>
      void (isUp
        ? run()
        : ups.add(function once() {
            ups.delete(once);
            run();
          })),
    lies: (kind: 'error' | 'empty' | undefined) => void (lie = kind),
    rooms: {
      list: () =>
        answer<readonly RoomInfo[]>([], () =>
          [...rooms].map(([name, { sid, members }]) => ({
            name,
            sid,
            metadata: '',
            createdAtMs: 0,
            emptyTimeoutMs: 0,
            departureTimeoutMs: departureMs,
            maxParticipants: 0,
            participants: members.size,
          })),
        ),
      participants: (name: string) =>
        answer<readonly ParticipantSummary[]>([], () =>
          [...(rooms.get(name)?.members.values() ?? [])].map(
            ({ told: _told, ...member }) => ({ ...member, state: 'active' }) as unknown as ParticipantSummary,
          ),
        ),
      send: () => answer(undefined, () => undefined),
      async remove(name: string, identity: string): Promise<void> {
        await answer(undefined, () => undefined);
        const found = rooms.get(name)?.members.get(identity);
        if (!found) throw new ControlError('not_found', failure);
        found.told.closed('PARTICIPANT_REMOVED');
        drop(name, found.sid, 'PARTICIPANT_REMOVED');
      },
      create: async () => {
        throw new Error('nothing here is a ghost');
      },
      async delete(name: string): Promise<void> {
        await answer(undefined, () => undefined);
        close(name, 'ROOM_DELETED');
      },
    },
  };
}

export type ModelLivekit = ReturnType<typeof createModelLivekit>;
