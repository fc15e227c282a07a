import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ParticipantInfo_Kind } from '@livekit/protocol';
import { EgressStatus } from 'livekit-server-sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PhoneProcess, startPhoneProcess } from '../../emulators/phone/process.ts';
import type { Phone } from '../../emulators/phone/types.ts';
import type { Egress } from '../../src/actors/egress.ts';
import { createLivekitApi, type LivekitApi } from '../../src/adapters/livekit/api/api.ts';
import { createLivekitEgress } from '../../src/adapters/livekit/api/egress.ts';
import { disposeRtc } from '../../src/adapters/livekit/rtc.ts';
import { systemClock } from '../../src/clock.ts';
import { egressRequest, type EgressStatus as Status, orderOf, readStorages, type Storages } from '../../src/egress.ts';
import { Secret } from '../../src/secret.ts';
import { newRoomName } from '../support/hub.ts';
import { openRecorderWorld, type RecorderWorld, wordsRecorded } from '../support/recorder-world.ts';

let world: RecorderWorld;
let phones: PhoneProcess;
let api: LivekitApi;
let egress: Egress;
let storages: Storages;

beforeAll(async () => {
  [world, phones] = await Promise.all([openRecorderWorld(), startPhoneProcess()]);
  const { httpUrl: url, apiKey, apiSecret } = world.livekit;
  api = createLivekitApi({ url, clock: systemClock, key: () => ({ apiKey, apiSecret: new Secret(apiSecret) }) });
  ({ storages } = readStorages({ STORAGE_DISK: `local://${world.folder}` }));
  egress = createLivekitEgress(api, storages);
});
afterAll(async () => {
  await phones?.close();
  await api?.close();
  await world?.close();
  await disposeRtc();
});

/** Somebody who speaks, and somebody who hears it. */
async function talkIn(room: string): Promise<Phone> {
  const numbers = ['+15550199', '+15550198'];
  const [speaker] = await Promise.all(
    numbers.map((from) => phones.createPhone({ ...access(), room, from, to: '+15550100' })),
  );
  await speaker!.when('answered');
  return speaker!;
}

const access = () => {
  const { url, apiKey, apiSecret } = world.server;
  return { livekitUrl: url, apiKey, apiSecret };
};

let ids = 0;
function order(request: object) {
  const made = orderOf(egressRequest.parse(request), `r${(ids += 1)}`, storages);
  if ('field' in made) throw new Error(made.message);
  return made;
}

const soundOf = (room: string) => order({ kind: 'room', room, audioOnly: true, outputs: [{ type: 'ogg' }] });

/** One that has begun in a new room. */
async function active(room: string): Promise<string> {
  await talkIn(room);
  const { egressId } = await egress.start(soundOf(room));
  await reaches(egressId, 'active');
  return egressId;
}

const there = async (egressId: string) => (await egress.list({ egressId }))[0];
const reaches = (egressId: string, status: Status) =>
  expect.poll(async () => (await there(egressId))?.status).toBe(status);
const inRoom = async (room: string, who: string) =>
  (await world.rooms.listParticipants(room)).find(({ identity }) => identity === who);

/** What was told of an egress, in order. */
async function told(egressId: string) {
  const isOf = (event: (typeof world.webhooks)[number]) => event.egressInfo?.egressId === egressId;
  await world.webhook((event) => isOf(event) && event.event === 'egress_ended');
  return world.webhooks.filter(isOf).map(({ event, egressInfo }) => ({ event, info: egressInfo! }));
}

describe('a recorder', () => {
  test.each(['ogg', 'mp3'] as const)('R4.1 R4.2 records the sound of a room as %s', async (type) => {
    const room = newRoomName();
    const phone = await talkIn(room);
    const { egressId, ...begun } = await egress.start(
      order({ kind: 'room', room, audioOnly: true, outputs: [{ type }] }),
    );
    expect(begun).toMatchObject({
      status: 'starting',
      kind: 'room',
      room,
      files: [{ name: `${world.folder}/r${ids}.${type}` }],
    });
    await reaches(egressId, 'active');
    expect(await inRoom(room, egressId)).toMatchObject({ kind: ParticipantInfo_Kind.EGRESS });
    await phone.sayWords('this is kept for good');
    expect(await egress.stop(egressId)).toMatchObject({ egressId, status: 'ending' });
    await reaches(egressId, 'complete');
    const { files, ...info } = (await there(egressId))!;
    expect(info.endedAtMs).toBeGreaterThan(info.startedAtMs);
    const [{ location, sizeBytes, durationMs } = missing()] = files;
    expect(location).toBe(`${world.folder}/r${ids}.${type}`);
    expect((await stat(location)).size).toBe(sizeBytes);
    for (const words of await wordsRecorded(world.front, egressId, location)) expect(words).toContain('kept');
    expect(durationMs).toBeGreaterThan(1_000);
    expect(durationMs).toBeLessThanOrEqual(info.endedAtMs - info.startedAtMs);
    expect(JSON.parse(await readFile(join(dirname(location), `${egressId}.json`), 'utf8'))).toMatchObject({
      egress_id: egressId,
      room_name: room,
      files: [{ filename: location, location }],
    });
    expect((await told(egressId)).map(({ event, info: { status } }) => [event, EgressStatus[status]])).toEqual([
      ['egress_started', 'EGRESS_STARTING'],
      ['egress_updated', 'EGRESS_ACTIVE'],
      ['egress_updated', 'EGRESS_ENDING'],
      ['egress_ended', 'EGRESS_COMPLETE'],
    ]);
    await expect.poll(() => inRoom(room, egressId)).toBeUndefined();
    await world.rooms.deleteRoom(room);
  });

  test('R4.1 R4.2 keeps a track as it was sent, with the ending of its codec', async () => {
    const room = newRoomName();
    const phone = await talkIn(room);
    const [track] = (await inRoom(room, phone.identity))!.tracks;
    const { egressId } = await egress.start(
      order({ kind: 'track', room, track: track!.sid, outputs: [{ type: 'ogg' }] }),
    );
    await reaches(egressId, 'active');
    await phone.sayWords('this is kept for good');
    await egress.stop(egressId);
    await reaches(egressId, 'complete');
    const { kind, files } = (await there(egressId))!;
    const location = `${world.folder}/r${ids}.ogg`;
    expect({ kind, files }).toMatchObject({ kind: 'track', files: [{ name: location, location }] });
    expect((await stat(location)).size).toBe(files[0]!.sizeBytes);
    expect((await wordsRecorded(world.front, egressId, location))[0]).toContain('kept');
    await world.rooms.deleteRoom(room);
  });

  test('R4.1 ends with its room, by itself', async () => {
    const room = newRoomName();
    const egressId = await active(room);
    await world.rooms.deleteRoom(room);
    const last = (await told(egressId)).at(-1)!.info;
    expect(last).toMatchObject({
      status: EgressStatus.EGRESS_COMPLETE,
      details: 'End reason: Source closed',
      error: '',
    });
  });

  test('R4.1 that is ended before it began is aborted', async () => {
    const room = newRoomName();
    await talkIn(room);
    const { egressId } = await egress.start(soundOf(room));
    expect(await egress.stop(egressId)).toMatchObject({ status: 'aborted', files: [{ location: '' }] });
    const { info } = (await told(egressId)).at(-1)!;
    expect(info).toMatchObject({
      status: EgressStatus.EGRESS_ABORTED,
      errorCode: 412,
      details: 'End reason: StopEgress API',
    });
    await world.rooms.deleteRoom(room);
  });

  test('R4.1 waits for a track that is not there', async () => {
    const room = newRoomName();
    await talkIn(room);
    const { egressId } = await egress.start(
      order({ kind: 'track', room, track: 'TR_none', outputs: [{ type: 'ogg' }] }),
    );
    await expect.poll(() => inRoom(room, egressId)).toBeDefined();
    expect(await there(egressId)).toMatchObject({ status: 'starting' });
    await world.rooms.deleteRoom(room);
  });

  test('R4.1 lists by id, by room and what goes on; ends once, and knows nothing of others', async () => {
    const room = newRoomName();
    const egressId = await active(room);
    const ids = async (options: object) => (await world.egress.listEgress(options)).map((each) => each.egressId);
    expect(await ids({ roomName: room })).toEqual([egressId]);
    expect(await ids({ roomName: room, active: true })).toEqual([egressId]);
    expect(await ids({ roomName: newRoomName() })).toEqual([]);
    await egress.stop(egressId);
    await reaches(egressId, 'complete');
    expect(await ids({ roomName: room })).toEqual([egressId]);
    expect(await ids({ roomName: room, active: true })).toEqual([]);
    expect(await ids({ egressId, active: true, roomName: 'nowhere' })).toEqual([egressId]);
    await expect(egress.stop(egressId)).rejects.toMatchObject({ code: 'refused', maybeDone: false });
    await expect(world.egress.stopEgress(egressId)).rejects.toMatchObject({
      code: 'failed_precondition',
      message: 'egress with status EGRESS_COMPLETE cannot be stopped',
    });
    await expect(egress.stop('EG_none')).rejects.toMatchObject({ code: 'not_found' });
    expect(await egress.list({ egressId: 'EG_none' })).toEqual([]);
    await expect(egress.start(soundOf('nowhere'))).rejects.toMatchObject({ code: 'not_found', maybeDone: false });
    await world.rooms.deleteRoom(room);
  });
});

function missing(): never {
  throw new Error('it told of no file');
}
