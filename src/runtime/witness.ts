import type { Intake } from './intake.ts';
import { isRoomWebhook } from './livekit-webhook.ts';

/** Of rooms that began, the last so many are remembered. */
const mostRooms = 256;

/** Remembers of which rooms LiveKit told lately that they began: whoever makes one can ask whether its webhooks arrive here. */
export function witnessing(intake: Intake): { readonly intake: Intake; saw(room: string): boolean } {
  const rooms = new Set<string>();
  return {
    saw: (room) => rooms.has(room),
    intake: {
      receive(webhook) {
        if (isRoomWebhook(webhook) && webhook.event === 'room_started') remember(rooms, webhook.room.name);
        return intake.receive(webhook);
      },
    },
  };
}

function remember(rooms: Set<string>, room: string): void {
  rooms.delete(room);
  rooms.add(room);
  for (const oldest of [...rooms].slice(0, -mostRooms)) rooms.delete(oldest);
}
