import { randomUUID } from 'node:crypto';
import { systemClock } from '../../../src/clock.ts';
import { contractManners, telephonesContract } from '../../support/contracts/telephones.ts';
import { createFakeTelephones } from '../../support/fakes/fake-telephones.ts';

telephonesContract('fake', async () => {
  const telephones = createFakeTelephones(systemClock, contractManners);
  return {
    ...telephones,
    room: async () => randomUUID(),
    endRoom: async (room) => telephones.endRoom(room),
    rings: async (room) => (await telephones.dialer.find({ room, callerKey: 'out-1' })) === 'there',
    end: async () => undefined,
  };
});
