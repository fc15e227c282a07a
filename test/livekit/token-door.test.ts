import { RoomServiceClient } from 'livekit-server-sdk';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { disposeRtc, loadRtc, type RtcRoom } from '../../src/adapters/livekit/rtc.ts';
import { sharedLivekit, webhooksOf } from '../support/hub.ts';
import { openTokenDoor } from '../support/token-door.ts';

const { url, httpUrl, apiKey, apiSecret } = sharedLivekit();
const api = new RoomServiceClient(httpUrl, apiKey, apiSecret);
const patience = { timeout: 40_000, interval: 20 };

let door: Awaited<ReturnType<typeof openTokenDoor>>;
const rooms: RtcRoom[] = [];

beforeEach(async () => {
  door = await openTokenDoor();
});
afterEach(async () => {
  await Promise.all(rooms.splice(0).map((room) => room.disconnect()));
  await door.close();
});
afterAll(() => disposeRtc());

/** Joins with a token; `gone` tells why the server ended it, if it did. */
async function join(token: string) {
  const rtc = await loadRtc();
  const room = new rtc.Room();
  rooms.push(room);
  const joined: { gone?: string | undefined; atMs: number } = { atMs: 0 };
  room.on(rtc.RoomEvent.Disconnected, (reason) => {
    joined.gone = rtc.DisconnectReason[reason];
    joined.atMs = Date.now();
  });
  await room.connect(url, token, { autoSubscribe: true, dynacast: false });
  return joined;
}

const present = async () => (await api.listParticipants(door.room)).map(({ identity }) => identity);

test('D2.1 D2.2 a client joins the real server with the token it was given, and is in its room', async () => {
  const { token } = await door.issue({ name: 'Ada' });
  await join(token);
  const [ada] = await api.listParticipants(door.room);
  expect(ada).toMatchObject({ identity: 'ada', name: 'Ada', attributes: { 'voicechart.role': 'caller' } });
  await expect
    .poll(async () => (await webhooksOf(door.room)).map(({ body }) => body.event), patience)
    .toContain('participant_joined');
});

test('D2.2 D6.2 what is not valid is a clear error at the connection, and named by us', async () => {
  const { token } = await door.issue();
  const wrong = `${token.slice(0, -6)}AAAAAA`;
  await expect(join(wrong)).rejects.toThrow(/401|invalid token/);
  expect(await door.check(wrong)).toMatchObject({ valid: false, fault: 'signature', code: 'signature_wrong' });
});

test('D6.3 revoked, it is refused by us; its owner leaves the room at once, and within a second of each join', async () => {
  const { id, token } = await door.issue();
  const first = await join(token);
  expect(await door.check(token)).toMatchObject({ valid: true });
  expect(await door.revoke(id)).toBe(204);
  expect(await door.check(token)).toMatchObject({ valid: false, code: 'revoked' });
  await expect.poll(() => first.gone, patience).toBe('PARTICIPANT_REMOVED');
  for (let again = 0; again < 3; again += 1) {
    // LiveKit knows nothing of it: to it the token is as good as before.
    // oxlint-disable-next-line no-await-in-loop
    const back = await join(token);
    const joinedAtMs = Date.now();
    // oxlint-disable-next-line no-await-in-loop
    await expect.poll(() => back.gone, patience).toBe('PARTICIPANT_REMOVED');
    expect(back.atMs - joinedAtMs).toBeLessThan(1000);
  }
  expect(await present()).toEqual([]);
});
