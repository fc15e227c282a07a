import type { Clock } from '../clock.ts';
import type { RoomInfo } from './rooms.ts';

/** The rooms of LiveKit as they were seen last, for whoever must not wait for an answer. */
export interface RoomCensus {
  /** All that LiveKit lists now, ours and others'. */
  see(listed: readonly RoomInfo[]): void;
  /** This room is one that a dead server left behind: it is listed, and nobody is in it. */
  ghost(room: string): void;
  /** Nothing, when LiveKit has not said for a while which there are. */
  rooms(): readonly RoomInfo[] | undefined;
  isGhost(room: string): boolean;
}

const staleAfterMs = 15_000;

export function createRoomCensus(clock: Pick<Clock, 'now'>): RoomCensus {
  let listed: readonly RoomInfo[] = [];
  let seenAt = -Infinity;
  const ghosts = new Set<string>();
  const isGhost = (room: string): boolean => ghosts.has(room);
  return {
    see(now) {
      [listed, seenAt] = [now, clock.now()];
      const names = new Set(now.map(({ name }) => name));
      for (const name of ghosts) if (!names.has(name)) ghosts.delete(name);
    },
    ghost: (room) => void ghosts.add(room),
    isGhost,
    rooms: () => (clock.now() - seenAt < staleAfterMs ? listed.filter(({ name }) => !isGhost(name)) : undefined),
  };
}
