import { RoomServiceClient } from 'livekit-server-sdk';
import { afterAll, describe, expect, test } from 'vitest';
import { disposeRtc, loadRtc } from '../../src/adapters/livekit/rtc.ts';
import { openRedisTokenRegister } from '../../src/adapters/redis/token-register.ts';
import { Secret } from '../../src/secret.ts';
import { startRedis } from '../../tools/services/redis.ts';
import { sharedLivekit } from '../support/hub.ts';
import { openTokenDoor } from '../support/token-door.ts';

const { url, httpUrl, apiKey, apiSecret } = sharedLivekit();
const api = new RoomServiceClient(httpUrl, apiKey, apiSecret);
const patience = { timeout: 40_000, interval: 20 };
afterAll(() => disposeRtc());

/** Joins with a token; gives how long it was in the room before the server ended it. */
async function putOutAfter(token: string): Promise<number> {
  const rtc = await loadRtc();
  const room = new rtc.Room();
  const gone = Promise.withResolvers<number>();
  room.on(rtc.RoomEvent.Disconnected, () => gone.resolve(performance.now()));
  await room.connect(url, token, { autoSubscribe: true, dynacast: false });
  const joined = performance.now();
  return Math.max(0, (await gone.promise) - joined);
}

describe('two instances on one Redis, over the real server', () => {
  test('D6.3 revoked at one, whose webhooks go to the other: refused by both, out within a second of each join', async () => {
    const redis = await startRedis();
    const registers = await Promise.all([1, 2].map(() => openRedisTokenRegister({ url: new Secret(redis.url) })));
    const here = await openTokenDoor({ register: registers[0]! });
    const there = await openTokenDoor({ register: registers[1]!, room: here.room });
    const { id, token } = await here.issue();
    const twin = await here.issue({ identity: 'bob' });
    expect(await there.check(token)).toMatchObject({ valid: true });

    expect(await here.revoke(id)).toBe(204);
    expect(await there.check(token)).toMatchObject({ valid: false, code: 'revoked' });
    expect(await there.issue()).toMatchObject({ status: 409, code: 'identity_revoked' });
    for (let again = 0; again < 3; again += 1)
      // oxlint-disable-next-line no-await-in-loop
      expect(await putOutAfter(token)).toBeLessThan(1000);
    expect(await there.revoke(twin.id)).toBe(204);
    expect(await here.check(twin.token)).toMatchObject({ valid: false, code: 'revoked' });

    await redis.stop();
    // What it knows it goes on meeting; what it cannot ask it does not call valid.
    expect(await putOutAfter(token)).toBeLessThan(1000);
    await expect.poll(async () => (await api.listParticipants(here.room)).length, patience).toBe(0);
    expect(await there.issue({ identity: 'carol' })).toMatchObject({ status: 503 });
    await Promise.all([here.close(), there.close()]);
    await Promise.all(registers.map((register) => register.close()));
  });
});
