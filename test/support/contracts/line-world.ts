import type { Ear } from '../../../src/actors/ear.ts';
import type { Player, PlayerFact } from '../../../src/actors/player.ts';
import type { Room, RoomFact } from '../../../src/actors/room.ts';

export interface PhoneOptions {
  readonly identity: string;
  /** A SIP leg has one; without it a participant with role caller phones in. */
  readonly callId?: string;
  readonly phone?: string;
  readonly trunkPhone?: string;
}

/** The caller's end, whatever carries it. */
export interface Phone {
  answer(): Promise<void>;
  hangUp(): Promise<void>;
  leave(): Promise<void>;
  /** Leaves and comes again with a new SID, status kept. */
  rejoin(): Promise<void>;
  speak(pcm: Int16Array): void;
  /** Everything that came from the agent so far, 16 kHz; the same growing list each time. */
  heard(): readonly Int16Array[];
  digit(digit: string): Promise<void>;
  digitsHeard(): string;
  isPresent(): boolean;
}

/** One room with the agent's line at one end. The three port contracts are written against this alone. */
export interface LineWorld {
  /** A real network on a busy machine may hurt a word now and then. */
  readonly lossy: boolean;
  readonly room: Room;
  readonly ear: Ear;
  readonly player: Player;
  call(phone: PhoneOptions): Promise<Phone>;
  /** Somebody removes the agent. */
  fence(): Promise<void>;
  /** Somebody deletes the room. */
  closeRoom(): Promise<void>;
  /** Lets time pass until the condition holds; throws with `what` when it never does. */
  until(condition: () => boolean, what: string): Promise<void>;
  /** Lets time pass: to see that nothing happens. */
  pass(ms: number): Promise<void>;
  end(): Promise<void>;
}

export type OpenWorld = (options?: { readonly callerKey?: string }) => Promise<LineWorld>;

/** Joins and keeps what the room reports. */
export function joinNoting(world: Pick<LineWorld, 'room' | 'until'>) {
  const facts: RoomFact[] = [];
  const stop = new AbortController();
  world.room.join({ signal: stop.signal }, (fact) => facts.push(fact));
  const types = () => facts.map((fact) => fact.type);
  const reported = (type: RoomFact['type'], times = 1) =>
    world.until(() => types().filter((seen) => seen === type).length >= times, `${type} (${times}) in [${types()}]`);
  return { facts, types, reported, leave: () => stop.abort() };
}

/** Keeps what the player reports. */
export function notePlayback(world: LineWorld) {
  const facts: PlayerFact[] = [];
  const stop = world.player.subscribe((fact) => facts.push(fact));
  const types = () => facts.map((fact) => fact.type);
  return {
    facts,
    stop,
    words: (turn: number) =>
      facts.flatMap((fact) => (fact.type === 'playback.heard' && fact.turn === turn ? fact.words : [])),
    heardMs: (turn: number) =>
      Math.max(0, ...facts.map((fact) => (fact.type === 'playback.heard' && fact.turn === turn ? fact.heardMs : 0))),
    has: (type: PlayerFact['type'], turn: number) => facts.some((fact) => fact.type === type && fact.turn === turn),
    reported: (type: PlayerFact['type'], turn: number) =>
      world.until(
        () => facts.some((fact) => fact.type === type && fact.turn === turn),
        `${type} of ${turn} in [${types()}]`,
      ),
  };
}
