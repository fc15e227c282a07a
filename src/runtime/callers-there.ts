import { callerKeyOf } from '../actors/room.ts';
import { splitCallKey } from './call-key.ts';
import { ControlError } from './control-error.ts';
import type { Rooms } from './rooms.ts';

/** Tells whether LiveKit has a call's caller in the room, or gives no answer. Never rejects. */
export const callersThere =
  ({ participants }: Pick<Rooms, 'participants'>) =>
  async (callKey: string): Promise<boolean> => {
    const { room, callerKey } = splitCallKey(callKey);
    return participants(room).then(
      (people) =>
        people.some(
          ({ identity, kind, attributes }) =>
            callerKeyOf({ identity, isSip: kind === 'sip', attributes }) === callerKey,
        ),
      (error: unknown) => !(error instanceof ControlError && error.code === 'not_found'),
    );
  };
