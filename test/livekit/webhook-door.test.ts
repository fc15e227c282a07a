import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AccessToken, RoomServiceClient } from 'livekit-server-sdk';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { disposeRtc, loadRtc } from '../../src/adapters/livekit/rtc.ts';
import { createInProcessQueue } from '../../src/adapters/memory/call-queue.ts';
import { openSqlite } from '../../src/adapters/sqlite/stores.ts';
import type { Stores } from '../../src/runtime/stores.ts';
import { systemClock } from '../../src/clock.ts';
import { listen } from '../../src/http/listen.ts';
import type { Listener } from '../../src/http/listen.ts';
import { webhookPath, webhookRoutes } from '../../src/http/webhooks.ts';
import type { WebhookNote } from '../../src/http/webhooks.ts';
import { callKeyOf } from '../../src/runtime/call-key.ts';
import { createIntake } from '../../src/runtime/intake.ts';
import type { Intake } from '../../src/runtime/intake.ts';
import { standingOf } from '../../src/runtime/standing.ts';
import { newRoomName, routeWebhooks, sharedLivekit, webhooksOf } from '../support/hub.ts';
import { ringOf } from '../support/keys.ts';
import { emptyRooms } from '../support/webhooks.ts';

const patience = { timeout: 40_000, interval: 50 };
const attributes = {
  'sip.callID': 'SCL_abc',
  'sip.callStatus': 'ringing',
  'sip.phoneNumber': '+15550123',
  'sip.trunkPhoneNumber': '+4930123456',
};

async function enter(room: string, kind: 'sip' | 'standard', identity: string, given: Record<string, string>) {
  const { url, apiKey, apiSecret } = sharedLivekit();
  const rtc = await loadRtc();
  const token = new AccessToken(apiKey, apiSecret, { identity, attributes: given });
  if (kind === 'sip') token.kind = 'sip';
  token.addGrant({ roomJoin: true, room });
  const joined = new rtc.Room();
  await joined.connect(url, await token.toJwt(), { autoSubscribe: false, dynacast: false });
  return joined;
}

describe('a real server’s webhooks at the door', () => {
  const { httpUrl, apiKey, apiSecret } = sharedLivekit();
  let room: string;
  let dir: string;
  let stores: Stores;
  let queue: ReturnType<typeof createInProcessQueue>;
  let listener: Listener;
  let unroute: () => Promise<void>;
  let notes: WebhookNote[];
  let receive: Intake['receive'];

  beforeEach(async () => {
    room = newRoomName();
    notes = [];
    dir = await mkdtemp(join(tmpdir(), 'voicechart-door-'));
    stores = await openSqlite({ dir, clock: systemClock });
    queue = createInProcessQueue({ store: stores.store, clock: systemClock });
    const intake = createIntake({
      store: stores.store,
      queue,
      participants: emptyRooms,
      roomPrefix: 'voice-ai-call',
      clock: systemClock,
    });
    receive = (webhook) => intake.receive(webhook);
    const app = webhookRoutes({
      keys: ringOf([apiKey, apiSecret]),
      intake: { receive: (webhook) => receive(webhook) },
      clock: systemClock,
      note: (note) => notes.push(note),
    });
    const address = { host: '127.0.0.1', port: 0 };
    listener = await listen(app, { address, setting: 'WEBHOOK_ADDR', clock: systemClock });
    unroute = await routeWebhooks(room, `${listener.url}${webhookPath}`);
  });
  afterEach(async () => {
    await unroute();
    await listener.close({ graceMs: 0 });
    await stores.close();
    await rm(dir, { recursive: true, force: true });
  });
  afterAll(() => disposeRtc());

  const letters = async (callerKey = 'SCL_abc') => stores.store.mail(callKeyOf(room, callerKey), 0);
  const kinds = async (callerKey?: string) => (await letters(callerKey)).map((letter) => letter.event.fact.type);

  test('D3.4 R10.1 a phone that joins, leaves and whose room ends is a call in the store, in that order', async () => {
    const phone = await enter(room, 'sip', 'sip_+15550123', attributes);
    await expect.poll(() => queue.size().waiting, patience).toBe(1);
    const { caller, isThere } = standingOf(await letters());
    expect(isThere).toBe(true);
    expect(caller).toEqual({
      identity: 'sip_+15550123',
      sid: expect.stringMatching(/^PA_/),
      kind: 'sip',
      callerKey: 'SCL_abc',
      phone: '+15550123',
      trunkPhone: '+4930123456',
    });
    await phone.disconnect();
    await expect.poll(() => kinds(), patience).toEqual(['door.caller_joined', 'door.caller_left']);
    expect(standingOf(await letters()).isThere).toBe(false);
    await new RoomServiceClient(httpUrl, apiKey, apiSecret).deleteRoom(room);
    await expect
      .poll(() => kinds(), patience)
      .toEqual(['door.caller_joined', 'door.caller_left', 'door.room_finished']);
    const outcomes = new Set(notes.map((note) => note.outcome));
    expect([...outcomes].filter((outcome) => outcome !== 'stored' && outcome !== 'ignored')).toEqual([]);
  });

  test('a participant whose token names him a caller is one; others are not', async () => {
    const viewer = await enter(room, 'standard', 'viewer', {});
    const caller = await enter(room, 'standard', 'ada', { 'voicechart.role': 'caller' });
    await expect.poll(() => kinds('ada'), patience).toEqual(['door.caller_joined']);
    expect((await stores.store.list()).map((call) => call.callKey)).toEqual([callKeyOf(room, 'ada')]);
    await Promise.all([viewer.disconnect(), caller.disconnect()]);
  });

  test('what could not be stored comes again, and is stored then', async () => {
    const [real, refused] = [receive, { times: 0 }];
    receive = async (webhook) => {
      if (webhook.event !== 'participant_joined' || refused.times > 0) return real(webhook);
      refused.times += 1;
      throw new Error('the disk is full');
    };
    const phone = await enter(room, 'sip', 'sip_+15550123', attributes);
    await expect.poll(() => queue.size().waiting, patience).toBe(1);
    const statuses = (await webhooksOf(room)).filter((seen) => seen.body.event === 'participant_joined');
    expect(statuses.map((seen) => seen.status)).toEqual([503, 200]);
    expect((await letters()).length).toBe(1);
    await phone.disconnect();
  });
});
