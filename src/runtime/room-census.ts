import type { Clock } from '../clock.ts';
import type { RoomInfo } from './rooms.ts';

/** The rooms of LiveKit as they were seen last, for whoever must not wait for an answer. */
export interface RoomCensus {
  /** All that LiveKit lists now, ours and others'. */
  see(listed: readonly RoomInfo[]): void;
  /** Whether the server that this room is on gave an answer: one that gave none in two looks in a row is dead, and its room a ghost. */
  asked(room: string, answered: boolean): void;
  /** Nothing, when LiveKit has not said for a while which there are. */
  rooms(): readonly RoomInfo[] | undefined;
  /** It is listed, and nobody is in it. */
  isGhost(room: string): boolean;
}

const staleAfterMs = 15_000;

export function createRoomCensus(clock: Pick<Clock, 'now'>): RoomCensus {
  let listed: readonly RoomInfo[] = [];
  let seenAt = -Infinity;
  /** In how many looks in a row it gave no answer. */
  const silent = new Map<string, number>();
  const isGhost = (room: string): boolean => (silent.get(room) ?? 0) >= 2;
  return {
    see(now) {
      [listed, seenAt] = [now, clock.now()];
      const names = new Set(now.map(({ name }) => name));
      for (const name of silent.keys()) if (!names.has(name)) silent.delete(name);
    },
    asked(room, answered) {
      if (answered) silent.delete(room);
      else silent.set(room, (silent.get(room) ?? 0) + 1);
    },
    isGhost,
    rooms: () => (clock.now() - seenAt < staleAfterMs ? listed.filter(({ name }) => !isGhost(name)) : undefined),
  };
}
