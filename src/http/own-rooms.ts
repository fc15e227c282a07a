import { z } from 'zod';
import { ownRoomsOnly } from '../fields.ts';
import type { RoomBook } from '../runtime/own-rooms.ts';
import type { Problem } from './problem.ts';

export const roomForeign = {
  status: 403,
  code: 'room_foreign',
  title: 'This room is none of ours: others may use the same LiveKit',
  field: 'room',
} as const satisfies Problem;

export const callLive = {
  status: 409,
  code: 'call_live',
  title: 'There is a call in this room, which this would disturb',
  field: 'call',
} as const satisfies Problem;

/** Whoever means to disturb a call names it. */
export const disturbQuery = z.object({
  call: z.string().optional().meta({ description: 'callKey of the call in this room that may be disturbed' }),
});

/** Why a room may not be touched by an operator; undefined when it may. */
export async function untouchable(
  { own, standing }: RoomBook,
  room: string,
  named?: string,
): Promise<typeof roomForeign | typeof callLive | undefined> {
  const calls = await standing(room);
  if (calls === 'foreign') return foreign({ own });
  const [call] = calls;
  if (call === undefined || calls.some((each) => each === named)) return undefined;
  const id = encodeURIComponent(call);
  const fix = `Hang up by POST /v1/calls/${id}/commands, or add ?call=${id}`;
  return { ...callLive, fix } as typeof callLive;
}

/** Of a room that is only looked at, or written to. */
export async function unseen(book: RoomBook, room: string): Promise<typeof roomForeign | undefined> {
  return (await book.standing(room)) === 'foreign' ? foreign(book) : undefined;
}

const foreign = ({ own }: Pick<RoomBook, 'own'>) =>
  ({ ...roomForeign, fix: `The name ${ownRoomsOnly(own)} (ROOM_PREFIX, DECLARED_ROOMS)` }) as typeof roomForeign;
