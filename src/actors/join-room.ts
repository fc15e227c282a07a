import type { Clock } from '../clock.ts';
import type { Player, PlayerFact } from './player.ts';
import { leaf, type Stamped } from './leaf.ts';
import type { Room, RoomFact } from './room.ts';

export type LineFact = Stamped<RoomFact | PlayerFact>;

export type LineCommand = {
  readonly type: 'line.show_state';
  readonly state: 'listening' | 'thinking' | 'speaking';
};

/**
 * Holds the agent's place in the room. It lives as long as the line does, so that it, and not the actor of one turn,
 * reports what the caller heard: a turn that is cut is gone before its last words are counted.
 */
export const joinRoom = (room: Room, player: Player, clock: Clock) =>
  leaf<RoomFact | PlayerFact, LineCommand, { readonly epoch: number }>(clock, ({ signal, report, receive }) => {
    const unsubscribe = player.subscribe(report);
    receive(({ state }) => room.showState(state));
    room.join({ signal }, report);
    return unsubscribe;
  });
