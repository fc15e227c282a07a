import { afterAll, beforeAll, describe } from 'vitest';
import { createLivekitApi } from '../../src/adapters/livekit/api/api.ts';
import { createLivekitRooms } from '../../src/adapters/livekit/api/rooms.ts';
import { createLivekitTelephones } from '../../src/adapters/livekit/telephones.ts';
import { systemClock } from '../../src/clock.ts';
import type { ParticipantSummary } from '../../src/runtime/rooms.ts';
import { contractManners, telephonesContract } from '../support/contracts/telephones.ts';
import type { Manner } from '../support/fakes/fake-telephones.ts';
import { newRoomName } from '../support/hub.ts';
import { ringFor } from '../support/keys.ts';
import { type Exchange, openExchange } from '../support/outbound-call.ts';

const does = (manner: Manner, refuses: 'refuse' | 'fail', rings: 'ring' | 'nothing') => {
  if (manner === 'answers') return { does: 'answer' };
  return manner === 'rings' ? { does: rings } : { does: refuses, status: manner.refuses };
};

const entries = Object.entries<Manner>(contractManners);
const settings = {
  callees: Object.fromEntries(
    entries.filter(([name]) => name.startsWith('+')).map(([name, manner]) => [name, does(manner, 'refuse', 'ring')]),
  ),
  transfers: Object.fromEntries(
    entries
      .filter(([name]) => name.startsWith('tel:'))
      .map(([name, manner]) => [name, does(manner, 'fail', 'nothing')]),
  ),
} as Parameters<typeof openExchange>[0];

const isRinging = ({ attributes }: ParticipantSummary) => attributes['sip.callStatus'] === 'ringing';

describe('telephones behind a gateway', () => {
  let exchange: Exchange;
  beforeAll(async () => void (exchange = await openExchange(settings)));
  afterAll(() => exchange?.close());

  telephonesContract('livekit', async () => {
    const { livekit } = exchange;
    const api = createLivekitApi({ url: livekit.url, clock: systemClock, key: ringFor(livekit).signing });
    const rooms = createLivekitRooms(api);
    return {
      ...createLivekitTelephones({ api, rooms, trunk: 'carrier' }),
      async room() {
        const name = newRoomName();
        await rooms.create({
          name,
          emptyTimeoutMs: 60_000,
          departureTimeoutMs: 20_000,
          maxParticipants: 10,
          metadata: '{}',
        });
        return name;
      },
      endRoom: (room) => rooms.delete(room),
      rings: async (room) => (await rooms.participants(room)).some(isRinging),
      end: () => api.close(),
    };
  });
});
