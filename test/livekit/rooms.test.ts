import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { AccessToken } from 'livekit-server-sdk';
import { expect, onTestFinished, test } from 'vitest';
import { loadRtc } from '../../src/adapters/livekit/rtc.ts';
import { type Guest, roomsContract } from '../support/contracts/rooms.ts';
import { newRoomName, sharedLivekit } from '../support/hub.ts';
import { disposeAtEnd, livekitRooms } from './livekit-world.ts';
import { roomsOf, seenBy } from './probes.ts';

disposeAtEnd();

roomsContract('LiveKit', async () => {
  const access = sharedLivekit();
  const { rooms, close } = livekitRooms(access);
  const guests: { close(): Promise<void> }[] = [];
  return {
    rooms,
    async enter(room, identity) {
      const token = new AccessToken(access.apiKey, access.apiSecret, { identity, ttl: 600 });
      token.addGrant({ roomJoin: true, room });
      const guest = await join(access.url, await token.toJwt());
      guests.push(guest);
      return guest;
    },
    async end() {
      await Promise.all(guests.map((guest) => guest.close()));
      await close();
    },
  };
});

test('R9.2 300 requests at once take no more than 100 sockets to the real server, which are kept for the next', async () => {
  const access = sharedLivekit();
  const { port } = new URL(access.httpUrl);
  let sockets = 0;
  const count = (message: unknown) => {
    const { connectParams } = message as { connectParams: { port: string } };
    if (connectParams.port === port) sockets += 1;
  };
  subscribe('undici:client:connected', count);
  const { rooms, close } = livekitRooms(access);
  const room = newRoomName();
  onTestFinished(async () => {
    unsubscribe('undici:client:connected', count);
    await rooms.delete(room);
    await close();
  });
  await rooms.create({
    name: room,
    emptyTimeoutMs: 60_000,
    departureTimeoutMs: 20_000,
    maxParticipants: 1,
    metadata: '{}',
  });
  const ask = () => Promise.all(Array.from({ length: 300 }, () => rooms.participants(room)));
  expect(await ask()).toEqual(Array.from({ length: 300 }, () => []));
  const opened = sockets;
  expect(opened).toBeGreaterThan(1);
  expect(opened).toBeLessThanOrEqual(100);
  await ask();
  expect(sockets).toBe(opened);
});

/** Somebody in the room by rtc-node, with one silent track. */
async function join(url: string, token: string): Promise<Guest & { close(): Promise<void> }> {
  const rtc = await loadRtc();
  const room = new rtc.Room();
  const received: string[] = [];
  const heard: (string | undefined)[] = [];
  let present = true;
  room
    .on(rtc.RoomEvent.Disconnected, () => void (present = false))
    .on(rtc.RoomEvent.DataReceived, (bytes, _from, _kind, topic) => {
      received.push(`${topic}: ${new TextDecoder().decode(bytes)}`);
    })
    .on(rtc.RoomEvent.TrackSubscribed, ({ sid }) => void heard.push(sid));
  await room.connect(url, token, { autoSubscribe: true, dynacast: false });
  const track = rtc.LocalAudioTrack.createAudioTrack('voice', new rtc.AudioSource(16_000, 1, 200));
  const options = new rtc.TrackPublishOptions({ source: rtc.TrackSource.SOURCE_MICROPHONE });
  const publication = await room.localParticipant!.publishTrack(track, options);
  return {
    trackSid: publication.sid ?? '',
    received: () => received,
    timesHeard: (trackSid) => heard.filter((sid) => sid === trackSid).length,
    isPresent: () => present,
    async close() {
      await room.disconnect();
      await track.close();
    },
  };
}

test('D5.1 R7.1 R7.2 probes of a real server without Redis: its rooms and its door are well, the rest it does not have; none is left a room', async () => {
  const access = sharedLivekit();
  const absent = { 'livekit-egress': 'absent', 'livekit-ingress': 'absent', 'livekit-sip': 'absent' };
  expect(await seenBy(access)).toEqual({ 'livekit-room': 'well', ...absent, 'livekit-connect': 'well' });
  expect((await roomsOf(access)).filter((name) => name.startsWith('voicechart-probe'))).toEqual([]);
  const refused = await seenBy(access, 'another-secret-than-the-server-has-00');
  expect(new Set(Object.values(refused))).toEqual(new Set(['auth']));
});
