import { RoomServiceClient } from 'livekit-server-sdk';
import { describe, expect, test } from 'vitest';
import { findLivekitServer, startLivekitServer } from '../../tools/services/livekit-server.ts';
import { startRedis } from '../../tools/services/redis.ts';
import { answered, ask, greeted } from '../support/call-ask.ts';
import { eventually } from '../support/call-eventually.ts';
import { joinGuest } from '../support/call-guest.ts';
import { openTestInstance } from '../support/call-instance.ts';
import { inRealTime } from '../support/call-real-time.ts';
import { isEvent } from '../support/call-story.ts';
import { type CallWorld, openCallWorld } from '../support/call-world.ts';
import { hubWebhookUrl, loseWebhooks, newRoomName, sharedLivekit, webhooksOf } from '../support/hub.ts';

const rules = [
  { user: 'red', text: 'Ruby it is.' },
  { user: 'green', text: 'Then jade.' },
];
const emulators = { openai: { rules } };

const repairs = async ({ instance }: Pick<CallWorld, 'instance'>, kind: string) =>
  Number(
    new RegExp(`voicechart_reconcile_repairs_total\\{kind="${kind}"\\} (\\d+)`).exec(
      await instance.care.metrics.text(),
    )?.[1] ?? 0,
  );

describe('when webhooks are lost', () => {
  test('R10.1 a caller nobody told of is answered within seven seconds', () =>
    inRealTime(async () => {
      const world = await openCallWorld({ emulators });
      const room = newRoomName();
      await loseWebhooks(room);
      const call = await world.dial({ room });
      const ringing = await call.phone.when('ringing');
      const voice = await call.phone.when('voice.joined');
      expect(voice.atMs - ringing.atMs).toBeLessThan(7000);
      await greeted(call);
      await ask(call, 'i like red', /Ruby/);
      expect(await repairs(world, 'join')).toBe(1);
      await call.phone.hangUp();
      await expect.poll(() => world.instance.calls.running().length).toBe(0);
      await world.close();
    }));

  test('R10.1 a caller who hung up while nobody ran the call: it is over within thirty seconds', () =>
    inRealTime(async () => {
      const world = await openCallWorld({ emulators });
      const call = await world.dial();
      await greeted(call);
      await loseWebhooks(call.room);
      await world.instance.close();
      await call.phone.hangUp();
      const hungUpAt = Date.now();
      const { dataDir } = world;
      const next = await openTestInstance({ livekit: sharedLivekit(), env: world.emulators.env, dataDir });
      const endedAt = async () => (await next.instance.calls.get(call.callKey))?.endedAt;
      await expect.poll(endedAt, { timeout: 60_000 }).toBeDefined();
      expect((await endedAt())! - hungUpAt).toBeLessThan(30_000);
      await next.close();
      await world.close();
    }));
});

test('R9.3 R10.1 a livekit-server that is started anew gives new names to everything, and the call goes on: none begins, none ends', () =>
  inRealTime(async () => {
    const options = { binary: (await findLivekitServer())!, webhookUrl: hubWebhookUrl() };
    const first = await startLivekitServer(options);
    const world = await openCallWorld({ emulators, livekit: first });
    const call = await world.dial();
    await greeted(call);
    await ask(call, 'i like red', /Ruby/);
    const sidNow = async () => {
      const api = new RoomServiceClient(first.httpUrl, first.apiKey, first.apiSecret);
      return (await api.listRooms([call.room]))[0]?.sid;
    };
    const before = await sidNow();
    await first.stop();
    const second = await startLivekitServer({ ...options, at: first });
    const back = isEvent('line.reconnected');
    await Promise.all([call.phone.when('line.reconnected', undefined, 60_000), call.until(back, 60_000)]);
    await eventually(
      () => call.states().includes('listening'),
      (listening) => listening,
    );
    await call.phone.sayWords('no green please');
    await answered(call, /jade/);
    expect(await sidNow()).not.toBe(before);
    const joins = (await webhooksOf(call.room)).filter(({ body }) => body.event === 'participant_joined');
    expect(joins.length).toBeGreaterThan(2);
    const calls = (await world.instance.calls.list({ limit: 100 })).filter(({ room }) => room === call.room);
    expect(calls.map(({ callKey, endedAt }) => [callKey, endedAt])).toEqual([[call.callKey, undefined]]);
    await call.phone.hangUp();
    await expect.poll(() => world.instance.calls.running().length).toBe(0);
    await world.close();
    await second.stop();
  }));

test('R9.5 a room that a crashed server left in the Redis that it shares with us is cleared, and takes no place any more', () =>
  inRealTime(async () => {
    const redis = await startRedis();
    const binary = (await findLivekitServer())!;
    const options = { binary, webhookUrl: hubWebhookUrl(), redisAddress: redis.address };
    const first = await startLivekitServer(options);
    const ghost = newRoomName();
    const guest = await joinGuest(first, { room: ghost, identity: 'viewer' });
    await first.stop();
    await guest.leave();
    const second = await startLivekitServer({ ...options, at: first });
    const api = new RoomServiceClient(second.httpUrl, second.apiKey, second.apiSecret);
    expect((await api.listRooms()).map(({ name }) => name)).toEqual([ghost]);

    const settings = { REDIS_URL: redis.url, MAX_ROOMS: '1' };
    const world = await openCallWorld({ emulators, livekit: second, settings });
    await expect.poll(() => repairs(world, 'ghost'), { timeout: 60_000 }).toBe(1);
    await expect.poll(async () => (await api.listRooms([ghost])).length).toBe(0);
    await greeted(await world.dial());
    await world.close();
    await second.stop();
    await redis.stop();
  }));
