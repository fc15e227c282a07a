import type { Caller } from '../actors/room.ts';
import type { Clock } from '../clock.ts';
import { notPassedOn } from './control-error.ts';
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

/** Makes rooms one after the other, each only while there is place for it: LiveKit itself knows no such limit. */
export function createAdmission(
  rooms: Pick<Rooms, 'create' | 'list'>,
  limits: RoomLimits,
  alone: Alone = onlyInstance,
): Rooms['create'] {
  const turns = createTurns({ most: mostWaiting, what: 'rooms' });

  async function admitted(request: RoomRequest): Promise<RoomInfo> {
    const others = (await rooms.list()).filter(({ name }) => name !== request.name);
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
const answerWithinMs = 500;

/** For rooms that a gateway or a call makes. Whoever cannot be told how many there are is let in: a caller waits meanwhile. */
export function createRoomGate(rooms: Pick<Rooms, 'list'>, limits: RoomLimits, clock: Clock): RoomGate {
  const problemIn = async (room: string) => {
    const others = (await rooms.list()).filter(({ name }) => name !== room);
    return noPlace(others, { maxParticipants: placesOfCall }, limits);
  };
  return async (room) => {
    const late = Promise.withResolvers<undefined>();
    const timer = clock.setTimeout(() => late.resolve(undefined), answerWithinMs);
    return Promise.race([problemIn(room), late.promise])
      .catch(() => undefined)
      .finally(() => clock.clearTimeout(timer));
  };
}

function noPlace(
  others: readonly RoomInfo[],
  { maxParticipants }: Pick<RoomRequest, 'maxParticipants'>,
  limits: RoomLimits,
): string | undefined {
  if (others.length >= limits.rooms) return `no room is left: ${others.length} of ${limits.rooms} are open`;
  const taken = others.reduce((sum, room) => sum + (room.maxParticipants || room.participants), 0);
  return taken + maxParticipants > limits.participants
    ? `${taken} of ${limits.participants} places are taken, and ${maxParticipants} more are asked for`
    : undefined;
}
