import type { Caller } from '../actors/room.ts';
import type { Clock } from '../clock.ts';
import { notPassedOn } from './control-error.ts';
import type { RoomCensus } from './room-census.ts';
import type { RoomInfo, RoomRequest, Rooms } from './rooms.ts';
import { type Alone, onlyInstance } from './alone.ts';
import { createTurns } from './turns.ts';

/** How much may be open at once, over all of LiveKit, whoever opened it. */
export interface RoomLimits {
  readonly rooms: number;
  /** Places in all rooms together. A room without a limit of its own counts with those who are in it. */
  readonly participants: number;
}

/** Who wants a room while so many wait for the answer to theirs is refused. */
const mostWaiting = 100;

export interface AdmissionOptions {
  /** Left out: there is this instance alone. */
  readonly alone?: Alone | undefined;
  /** Rooms that are listed and not there take no place. */
  readonly isGhost?: ((room: string) => boolean) | undefined;
}

/** Makes rooms one after the other, each only while there is place for it: LiveKit itself knows no such limit. */
export function createAdmission(
  rooms: Pick<Rooms, 'create' | 'list'>,
  limits: RoomLimits,
  { alone = onlyInstance, isGhost = () => false }: AdmissionOptions = {},
): Rooms['create'] {
  const turns = createTurns({ most: mostWaiting, what: 'rooms' });

  async function admitted(request: RoomRequest): Promise<RoomInfo> {
    const others = (await rooms.list()).filter(({ name }) => name !== request.name && !isGhost(name));
    const problem = noPlace(others, request, limits);
    if (problem !== undefined) throw notPassedOn('limit', problem);
    return rooms.create(request);
  }

  return (request) => turns.take('rooms', () => alone.hold('rooms', () => admitted(request)));
}

/** Says why nobody may call, or be called, in this room; nothing when they may. Never rejects. */
export type RoomGate = (room: string, caller?: Pick<Caller, 'phone'>) => Promise<string | undefined>;

/** The caller and the agent. */
const placesOfCall = 2;
/** Who was let in is in the next list, or does not come. */
const awaitedMs = 10_000;

type Place = Pick<RoomInfo, 'name' | 'maxParticipants' | 'participants'>;

/**
 * For rooms that a gateway or a call makes. It waits for nothing: what was seen last counts, and who was let in since. While
 * nobody can say how many there are, all are let in. Of several instances each knows of whom it let in itself.
 */
export function createRoomGate(
  census: Pick<RoomCensus, 'rooms'>,
  limits: RoomLimits,
  clock: Pick<Clock, 'now'>,
): RoomGate {
  const awaited = new Map<string, number>();

  function places(listed: readonly Place[]): readonly Place[] {
    const names = new Set(listed.map(({ name }) => name));
    for (const [name, since] of awaited) if (names.has(name) || clock.now() - since >= awaitedMs) awaited.delete(name);
    const coming = [...awaited.keys()].map((name) => ({ name, maxParticipants: placesOfCall, participants: 0 }));
    return [...listed, ...coming];
  }

  return async (room) => {
    const listed = census.rooms();
    if (!listed) return undefined;
    const others = places(listed).filter(({ name }) => name !== room);
    const problem = noPlace(others, { maxParticipants: placesOfCall }, limits);
    if (problem === undefined) awaited.set(room, clock.now());
    return problem;
  };
}

function noPlace(
  others: readonly Place[],
  { maxParticipants }: Pick<RoomRequest, 'maxParticipants'>,
  limits: RoomLimits,
): string | undefined {
  if (others.length >= limits.rooms) return `no room is left: ${others.length} of ${limits.rooms} are open`;
  const taken = others.reduce((sum, room) => sum + (room.maxParticipants || room.participants), 0);
  return taken + maxParticipants > limits.participants
    ? `${taken} of ${limits.participants} places are taken, and ${maxParticipants} more are asked for`
    : undefined;
}
