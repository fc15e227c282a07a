import { ParticipantInfo_Kind } from '@livekit/protocol';
import { EgressStatus, EncodedFileOutput, IngressInput, type ParticipantInfo } from 'livekit-server-sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startPhoneProcess, type PhoneProcess } from '../../emulators/phone/process.ts';
import { newRoomName } from '../support/hub.ts';
import { openFrontWorld, type FrontWorld } from '../support/livekit-front.ts';

let world: FrontWorld;
let phones: PhoneProcess;

beforeAll(async () => {
  phones = await startPhoneProcess();
  world = await openFrontWorld({ settings: { callee: { afterMs: 100 } } });
});
afterAll(async () => {
  await phones?.close();
  await world?.close();
});

/** A caller who is in the room already, joined through the front. */
function joinCaller(room: string, from = '+15550199') {
  const { apiKey, apiSecret } = world.server;
  return phones.createPhone({ livekitUrl: world.front.url, apiKey, apiSecret, room, from, to: '+15550100' });
}

const dial = (room: string, number: string, options: object = {}) =>
  world.sip.createSipParticipant(world.trunkId, number, room, {
    participantIdentity: 'callee',
    waitUntilAnswered: true,
    ...options,
  });

const leftOf = async (room: string, who: string) => {
  const told = await world.webhook(
    ({ event, room: where, participant }) =>
      event === 'participant_left' && where?.name === room && participant?.identity === who,
  );
  const { disconnectReason, attributes } = told.participant!.toJson() as any;
  return [disconnectReason, attributes['sip.callStatus']];
};

const inRoom = async (room: string, who: string): Promise<ParticipantInfo | undefined> =>
  (await world.rooms.listParticipants(room)).find(({ identity }) => identity === who);

describe('a callee who does not come leaves the room with the reason that was measured:', () => {
  test.each([
    [486, 'USER_REJECTED', 'ringing'],
    [603, 'USER_REJECTED', 'ringing'],
    [403, 'USER_REJECTED', 'dialing'],
    [404, 'USER_UNAVAILABLE', 'dialing'],
    [480, 'USER_UNAVAILABLE', 'ringing'],
    [488, 'USER_REJECTED', 'dialing'],
    [503, 'CLIENT_INITIATED', 'dialing'],
  ] as const)('after %d %s, last %s', async (status, reason, last) => {
    const room = newRoomName();
    const number = `+1555${status}`;
    world.front.settings.change({ callees: { [number]: { does: 'refuse', status, afterMs: 150 } } });
    await expect(dial(room, number)).rejects.toMatchObject({ metadata: { sip_status_code: String(status) } });
    expect(await leftOf(room, 'callee')).toEqual([reason, last]);
  });

  test('when nobody answers in time', async () => {
    const room = newRoomName();
    world.front.settings.change({ callees: { '+1': { does: 'ring' } } });
    await expect(dial(room, '+1', { ringingTimeout: 1 })).rejects.toMatchObject({ code: 'canceled', status: 408 });
    expect(await leftOf(room, 'callee')).toEqual(['USER_UNAVAILABLE', 'ringing']);
  });

  test('when the room is deleted while it rings', async () => {
    const room = newRoomName();
    world.front.settings.change({ callees: { '+2': { does: 'ring' } } });
    const dialled = dial(room, '+2').catch((error: unknown) => error);
    await expect
      .poll(async () => (await inRoom(room, 'callee').catch(() => undefined))?.attributes['sip.callStatus'])
      .toBe('ringing');
    await world.rooms.deleteRoom(room);
    expect(await dialled).toMatchObject({
      code: 'canceled',
      status: 408,
      message: expect.stringContaining('sip request timed out'),
    });
    expect(await leftOf(room, 'callee')).toEqual(['ROOM_DELETED', 'ringing']);
  });
});

describe('a transfer', () => {
  test('of a call that came in ends it as the gateway does, a second later', async () => {
    const room = newRoomName();
    const caller = await joinCaller(room);
    world.front.adopt(caller);
    await world.sip.transferSipParticipant(room, caller.identity, 'tel:+15550777');
    expect(await leftOf(room, caller.identity)).toEqual(['CLIENT_INITIATED', 'hangup']);
  });

  test('that fails leaves the call as it was', async () => {
    const room = newRoomName();
    await dial(room, '+3');
    world.front.settings.change({ transfer: { does: 'refuse' } });
    const transfer = world.sip.transferSipParticipant(room, 'callee', 'tel:+15550777');
    await expect(transfer).rejects.toMatchObject({ code: 'permission_denied', metadata: { sip_status_code: '603' } });
    expect((await inRoom(room, 'callee'))!.attributes['sip.callStatus']).toBe('active');
    await (await world.front.called('+3')).hangUp();
  });
});

describe('a recording', () => {
  test('is in the room as a participant of its own kind, hears it, and leaves it', async () => {
    const room = newRoomName();
    const caller = await joinCaller(room);
    const file = new EncodedFileOutput({ filepath: '{room_name}' });
    const { egressId } = await world.egress.startRoomCompositeEgress(room, { file }, { audioOnly: true });
    const active = () => world.egress.listEgress({ egressId }).then(([info]) => info!.status);
    await expect.poll(active).toBe(EgressStatus.EGRESS_ACTIVE);
    expect(await inRoom(room, egressId)).toMatchObject({ kind: ParticipantInfo_Kind.EGRESS });
    const callee = await dial(room, '+4');
    await (await world.front.called('+4')).phone.sayWords('one two noted');
    await world.front
      .job(egressId)!
      .phone()!
      .when('heard.word', ({ text }) => text === 'noted');
    await world.egress.updateLayout(egressId, 'speaker');
    await world.egress.stopEgress(egressId);
    const { egressInfo } = await world.webhook(
      ({ event, egressInfo: info }) => event === 'egress_ended' && info?.egressId === egressId,
    );
    expect(egressInfo).toMatchObject({ status: EgressStatus.EGRESS_COMPLETE, roomName: room });
    await expect.poll(() => inRoom(room, egressId)).toBeUndefined();
    await world.rooms.removeParticipant(room, callee.participantIdentity);
    await caller.hangUp();
  });

  test('of a track goes by what is published in the room', async () => {
    const room = newRoomName();
    const caller = await joinCaller(room);
    await expect.poll(async () => (await inRoom(room, caller.identity))?.tracks.length).toBe(1);
    const [track] = (await inRoom(room, caller.identity))!.tracks;
    // By default it waits 30 s for what is not there.
    world.front.settings.change({ recordings: { [room]: { activeMs: 600 } } });
    const there = await world.egress.startTrackEgress(room, 'wss://ear.example', track!.sid);
    const not = await world.egress.startTrackEgress(room, 'wss://ear.example', 'TR_none');
    const status = (egressId: string) => () => world.egress.listEgress({ egressId }).then(([info]) => info!.status);
    await expect.poll(status(there.egressId)).toBe(EgressStatus.EGRESS_ACTIVE);
    await expect.poll(status(not.egressId)).toBe(EgressStatus.EGRESS_FAILED);
    await world.rooms.deleteRoom(room);
    await expect.poll(status(there.egressId)).toBe(EgressStatus.EGRESS_COMPLETE);
  });
});

describe('a stream', () => {
  test('is in the room as a participant of its own kind and is heard', async () => {
    const room = newRoomName();
    const caller = await joinCaller(room);
    const options = { roomName: room, participantIdentity: 'streamer', participantName: 'Streamer' };
    const { ingressId, streamKey } = await world.ingress.createIngress(IngressInput.RTMP_INPUT, options);
    const streamer = await world.front.connectStreamer(streamKey);
    expect(await inRoom(room, 'streamer')).toMatchObject({ kind: ParticipantInfo_Kind.INGRESS, name: 'Streamer' });
    await caller.when('answered');
    await streamer.sayWords('live');
    await caller.when('heard.word', ({ text }) => text === 'live');
    await world.front.stopStreamer(ingressId);
    await expect.poll(() => inRoom(room, 'streamer')).toBeUndefined();
    await caller.hangUp();
  });
});
