import { createInProcessRoom, type InProcessRoom } from '../../../../src/adapters/in-process/room.ts';
import type { Clock } from '../../../../src/clock.ts';
import { type BenchCaller, createBenchCaller } from './caller.ts';
import type { FromOwner, ToOwner } from './messages.ts';
import { readFrame } from './sound.ts';

/** An agent in a room: what it has of it is an in-process room of its own, in which the one caller is too. */
interface Stay {
  readonly identity: string;
  readonly epoch: number;
  readonly tell: (message: Tell) => void;
  readonly room: InProcessRoom;
  readonly joining: AbortController;
  readonly uncall: () => void;
  joinedAt?: number;
}

type Tell = ToOwner extends infer Message ? (Message extends unknown ? Omit<Message, 'stay'> : never) : never;

/** A room with its caller, whatever becomes of the agents. */
export interface BenchRoom {
  readonly name: string;
  readonly callerKey: string;
  readonly caller: BenchCaller;
  /** When the agent of each epoch was in the room, ms since 1970. */
  readonly joinedAt: ReadonlyMap<number, number>;
  /** How long two agents were in it at a time, the longest, ms. */
  bothMs(): number;
  isPresent(): boolean;
}

/** Where the rooms and their callers are. Processes come and go; who died stays in his rooms until somebody puts him out, as with LiveKit. */
export interface Hall {
  readonly rooms: readonly BenchRoom[];
  /** A process came: what it says is to be handed to the receiver. */
  owner(tell: (message: ToOwner) => void): (message: FromOwner) => void;
  close(): void;
}

const identityOf = (n: number): string => `caller-${n}`;
const epochOf = (identity: string): number => Number(/-(\d+)(?:\.\d+)?$/.exec(identity)?.[1]);

export function createHall(calls: number, clock: Clock): Hall {
  const rooms = Array.from({ length: calls }, (_, n) => createBenchRoom(n, clock));
  const byName = new Map(rooms.map((room) => [room.name, room]));
  return {
    rooms,
    owner(tell) {
      const places = new Map<number, BenchPlace>();
      return (message) => {
        if (message.type === 'join') {
          const place = byName
            .get(message.room)
            ?.join(message.identity, (told) => tell({ ...told, stay: message.stay } as ToOwner));
          if (place) places.set(message.stay, place);
        }
        if (message.type === 'leave') places.get(message.stay)?.leave();
        if (message.type === 'frame') places.get(message.stay)?.play(message.pcm);
        if (message.type === 'clear') places.get(message.stay)?.clear();
        if (message.type === 'remove') byName.get(message.room)?.remove(message.identity);
        if (message.type === 'hang_up') byName.get(message.room)?.hangUp();
      };
    },
    close: () => rooms.forEach((room) => room.close()),
  };
}

interface BenchPlace {
  leave(): void;
  play(pcm: Int16Array): void;
  clear(): void;
}

/** All that is said into an agent's track is one turn of the room's player; one that ran dry begins anew, so that it holds little. */
const track = 1;

function createBenchRoom(n: number, clock: Clock) {
  const callerKey = identityOf(n);
  const caller = createBenchCaller(clock, 40_000 + (n % 20) * 700);
  const stays = new Set<Stay>();
  const joinedAt = new Map<number, number>();
  let bothMs = 0;
  let isPresent = true;

  function join(identity: string, tell: (message: Tell) => void): BenchPlace {
    const room = createInProcessRoom({ clock, callerKey, leavesOutSilence: true });
    const end = room.call({ identity: callerKey });
    const epoch = epochOf(identity);
    const unhear = caller.enter(end, epoch);
    const unlisten = room.ear.listen((pcm) => void (readFrame(pcm) && tell({ type: 'sound', pcm })));
    const begin = () => room.player.open(track, { held: false });
    const unfollow = room.player.subscribe(({ type }) => void (type === 'playback.starved' && queueMicrotask(begin)));
    const uncall = () => [unhear, unlisten, unfollow].forEach((undo) => undo());
    const stay: Stay = { identity, epoch, tell, room, joining: new AbortController(), uncall };
    room.room.join({ signal: stay.joining.signal }, (fact) => {
      const others = [...stays].filter((each) => each !== stay).map((each) => each.identity);
      if (fact.type === 'line.joined') entered(stay);
      tell({ type: 'fact', fact, others: fact.type === 'line.joined' ? others : [] });
    });
    begin();
    return { leave: () => left(stay), play: (pcm) => room.player.write(track, pcm), clear: begin };
  }

  function entered(stay: Stay): void {
    stay.joinedAt = clock.now();
    joinedAt.set(stay.epoch, stay.joinedAt);
    for (const each of stays) each.tell({ type: 'rival', identity: stay.identity });
    stays.add(stay);
  }
  function left(stay: Stay): void {
    stay.joining.abort();
    stay.uncall();
    if (!stays.delete(stay)) return;
    for (const each of stays) bothMs = Math.max(bothMs, clock.now() - Math.max(each.joinedAt ?? 0, stay.joinedAt ?? 0));
  }
  function remove(identity: string): void {
    for (const stay of stays) {
      if (stay.identity !== identity) continue;
      stay.room.network.fence('PARTICIPANT_REMOVED');
      left(stay);
    }
  }
  function hangUp(): void {
    isPresent = false;
    caller.stop();
    for (const stay of stays) {
      void stay.room.room.hangUp();
      left(stay);
    }
  }
  return {
    name: `voice-ai-call-${n}`,
    callerKey,
    caller,
    joinedAt,
    bothMs: () => bothMs,
    isPresent: () => isPresent,
    join,
    remove,
    hangUp,
    close() {
      caller.stop();
      for (const stay of stays) left(stay);
    },
  };
}
