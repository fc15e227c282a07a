import type { Participants } from '../../actors/participants.ts';
import type { ControlError } from '../../runtime/control-error.ts';
import type { Rooms } from '../../runtime/rooms.ts';

/** Participants of a real LiveKit server's rooms. */
export const createLivekitParticipants = (rooms: Pick<Rooms, 'remove'>): Participants => ({
  async remove({ room, identity }) {
    try {
      await rooms.remove(room, identity);
      return undefined;
    } catch (error) {
      const { code, failure } = error as ControlError;
      return code === 'not_found' ? undefined : failure;
    }
  },
});
