import { isOwnRoom, type OwnRooms } from '../fields.ts';

/** What a room is to an operator: not ours, without a call, or with these (keys of calls) in it. */
export type RoomStanding = 'foreign' | readonly string[];

export interface RoomBook {
  readonly own: OwnRooms;
  standing(room: string): Promise<RoomStanding>;
}

interface RoomBookOptions {
  readonly own: OwnRooms;
  /** Keys of the calls that are open in a room, whoever runs them. */
  readonly callsIn: (room: string) => Promise<readonly string[]>;
}

/** Others may use the same LiveKit: what is theirs is not looked at, let alone touched. */
export const createRoomBook = ({ own, callsIn }: RoomBookOptions): RoomBook => ({
  own,
  standing: async (room) => (isOwnRoom(own, room) ? callsIn(room) : 'foreign'),
});
