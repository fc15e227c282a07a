import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StreamInfo_Status } from '@livekit/protocol';
import {
  EgressStatus,
  EncodedFileOutput,
  EncodedFileType,
  type EncodedOutputs,
  ImageOutput,
  S3Upload,
  SegmentedFileOutput,
  StartEgressRequest,
  StreamOutput,
  StreamProtocol,
} from 'livekit-server-sdk';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { LiveKitFrontSettingsInput } from '../../../emulators/livekit/settings.ts';
import { errorOf, openWorld, relayed, room, type World } from './stand-in.ts';

const quick = { apiMs: 5, activeMs: 20, completeMs: 10 };
const ogg = (filepath = 'calls/{room_name}.ogg') => ({ file: new EncodedFileOutput({ filepath }) });
const audio = { audioOnly: true };

async function openRecorder(recording: LiveKitFrontSettingsInput['recording'] = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'front-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const world = await openWorld({ recordingsFolder: folder, settings: { recording: { ...quick, ...recording } } });
  const statusOf = async (egressId: string) => (await world.egress.listEgress({ egressId }))[0]!.status;
  const reaches = (egressId: string, status: EgressStatus) =>
    expect.poll(() => statusOf(egressId), { interval: 10 }).toBe(status);
  return { ...world, folder, reaches };
}

const eventsOf = ({ webhooks }: Pick<World, 'webhooks'>) =>
  webhooks.map(({ event, egressInfo }) => `${event} ${EgressStatus[egressInfo!.status]}`);

describe('a recording', () => {
  test('starts, is active, ends and is complete; signed webhooks tell each step', async () => {
    const world = await openRecorder();
    const started = await world.egress.startRoomCompositeEgress(room, ogg(), audio);
    expect(started).toMatchObject({ roomName: room, roomId: 'RM_1', status: EgressStatus.EGRESS_STARTING });
    await world.reaches(started.egressId, EgressStatus.EGRESS_ACTIVE);
    const stopped = await world.egress.stopEgress(started.egressId);
    expect(stopped).toMatchObject({ status: EgressStatus.EGRESS_ENDING, details: 'End reason: StopEgress API' });
    await world.webhook('egress_ended');
    expect(eventsOf(world)).toEqual([
      'egress_started EGRESS_STARTING',
      'egress_updated EGRESS_ACTIVE',
      'egress_updated EGRESS_ENDING',
      'egress_ended EGRESS_COMPLETE',
    ]);
  });

  test('is a participant of its own kind, until it ends', async () => {
    const world = await openRecorder();
    const { egressId } = await world.egress.startRoomCompositeEgress(room, ogg(), audio);
    await world.reaches(egressId, EgressStatus.EGRESS_ACTIVE);
    expect(world.actors[0]!.part.role).toMatchObject({ kind: 'egress', identity: egressId });
    await world.egress.stopEgress(egressId);
    await expect.poll(() => world.actors[0]!.left).toBe('hung_up');
  });

  test('writes its file, of its length, and a manifest beside it', async () => {
    const world = await openRecorder();
    const { egressId } = await world.egress.startRoomCompositeEgress(room, ogg(), audio);
    await world.reaches(egressId, EgressStatus.EGRESS_ACTIVE);
    await world.egress.stopEgress(egressId);
    const { egressInfo } = await world.webhook('egress_ended');
    const [file] = egressInfo!.fileResults;
    expect(file).toMatchObject({ filename: `calls/${room}.ogg`, location: join(world.folder, `calls/${room}.ogg`) });
    const bytes = await readFile(file!.location);
    expect([bytes.length, bytes.subarray(0, 4).toString()]).toEqual([Number(file!.size), 'OggS']);
    expect(file!.duration).toBe(file!.endedAt - file!.startedAt);
    expect(file!.startedAt).toBeGreaterThan(egressInfo!.startedAt);
    expect(file!.endedAt).toBeLessThan(egressInfo!.endedAt);
    expect(egressInfo!.result).toEqual({ case: 'file', value: file });
    expect(JSON.parse(await readFile(egressInfo!.manifestLocation, 'utf8'))).toMatchObject({ egress_id: egressId });
  });

  test('stays in its folder whatever its path says', async () => {
    const world = await openRecorder();
    const { fileResults } = await world.egress.startRoomCompositeEgress(room, ogg('a/../../../etc/b.ogg'), audio);
    expect(fileResults[0]!.filename).toBe('etc/b.ogg');
  });

  test('to a storage tells where it lies and none of its secrets', async () => {
    const world = await openRecorder();
    const s3 = new S3Upload({ accessKey: 'AK', secret: 'hidden', bucket: 'calls', region: 'eu-central-1' });
    const file = new EncodedFileOutput({ filepath: 'a', output: { case: 's3', value: s3 } });
    const started = await world.egress.startRoomCompositeEgress(room, { file }, audio);
    expect(started.toJsonString()).not.toMatch(/hidden|AK"/);
    expect(started.toJsonString()).toContain('{secret}');
    await world.reaches(started.egressId, EgressStatus.EGRESS_ACTIVE);
    await world.egress.stopEgress(started.egressId);
    const { egressInfo } = await world.webhook('egress_ended');
    expect(egressInfo!.fileResults[0]!.location).toBe('https://calls.s3.eu-central-1.amazonaws.com/a.ogg');
  });

  test('goes to several outputs at once; keys of streams are not told', async () => {
    const world = await openRecorder();
    const outputs: EncodedOutputs = {
      file: new EncodedFileOutput({ fileType: EncodedFileType.MP4, filepath: 'a' }),
      stream: new StreamOutput({ protocol: StreamProtocol.RTMP, urls: ['rtmp://live.example/app/secretkey'] }),
      segments: new SegmentedFileOutput({ filenamePrefix: 'seg', playlistName: 'list' }),
      images: new ImageOutput({ captureInterval: 5, filenamePrefix: 'img' }),
    };
    const info = await world.egress.startRoomCompositeEgress(room, outputs, { layout: 'grid' });
    expect(info.fileResults[0]!.filename).toBe('a.mp4');
    expect(info.segmentResults[0]!.playlistName).toBe('list.m3u8');
    expect(info.imageResults[0]!.filenamePrefix).toBe('img');
    expect(info.streamResults[0]!.url).toBe('rtmp://live.example/app/{sec...key}');
    expect(info.toJsonString()).not.toContain('secretkey');
  });

  test('loses streams one by one, and with the last one itself', async () => {
    const world = await openRecorder();
    const urls = ['rtmp://a/app/key', 'rtmp://b/app/key'];
    const stream = new StreamOutput({ protocol: StreamProtocol.RTMP, urls });
    const { egressId } = await world.egress.startRoomCompositeEgress(room, { stream });
    await world.reaches(egressId, EgressStatus.EGRESS_ACTIVE);
    const added = await world.egress.updateStream(egressId, ['rtmp://c/app/key'], [urls[0]!]);
    expect(added.streamResults.map(({ status }) => status)).toEqual([
      StreamInfo_Status.FINISHED,
      StreamInfo_Status.ACTIVE,
      StreamInfo_Status.ACTIVE,
    ]);
    world.front.job(egressId)!.failStream(urls[1]!, 'connection reset');
    world.front.job(egressId)!.failStream('rtmp://c/app/key', 'connection reset');
    const { egressInfo } = await world.webhook('egress_ended');
    expect(egressInfo).toMatchObject({ status: EgressStatus.EGRESS_FAILED, error: 'connection reset' });
  });

  test('takes a new layout as metadata of its participant', async () => {
    const world = await openRecorder();
    const { egressId } = await world.egress.startRoomCompositeEgress(room, ogg(), audio);
    await world.reaches(egressId, EgressStatus.EGRESS_ACTIVE);
    await world.egress.updateLayout(egressId, 'speaker');
    expect(world.standIn.participants.get(egressId)!.metadata).toBe('{"layout":"speaker"}');
  });

  test('stopped before it was active is aborted', async () => {
    const world = await openRecorder({ activeMs: 1000 });
    const { egressId } = await world.egress.startRoomCompositeEgress(room, ogg(), audio);
    await world.egress.stopEgress(egressId);
    const { egressInfo } = await world.webhook('egress_ended');
    const error = 'Stop called before pipeline could start';
    const details = 'End reason: StopEgress API';
    expect(egressInfo).toMatchObject({ status: EgressStatus.EGRESS_ABORTED, error, errorCode: 412, details });
  });

  test.each([
    ['fail_at_start', EgressStatus.EGRESS_FAILED, 'could not create element: faac', 500],
    ['fail', EgressStatus.EGRESS_FAILED, 'could not create element: faac', 500],
    ['abort', EgressStatus.EGRESS_ABORTED, 'Start signal not received', 412],
    ['limit', EgressStatus.EGRESS_LIMIT_REACHED, 'Session limit reached', 413],
  ] as const)('that is to %s ends so', async (does, status, error, errorCode) => {
    const world = await openRecorder({ does, afterMs: 10 });
    await world.egress.startRoomCompositeEgress(room, ogg(), audio);
    const { egressInfo } = await world.webhook('egress_ended');
    expect(egressInfo).toMatchObject({ status, error, errorCode });
  });

  test('of a track or participant that is not there fails', async () => {
    const world = await openRecorder();
    world.standIn.participants.set('bot', { attributes: {}, metadata: '', tracks: [{ sid: 'TR_1' }] });
    const composite = { audioTrackId: 'TR_1' };
    const there = await world.egress.startTrackCompositeEgress(room, ogg(), composite);
    await world.reaches(there.egressId, EgressStatus.EGRESS_ACTIVE);
    const track = await world.egress.startTrackEgress(room, 'wss://ear.example', 'TR_2');
    const person = await world.egress.startParticipantEgress(room, 'nobody', ogg('a.mp4'));
    for (const { egressId } of [track, person]) await world.reaches(egressId, EgressStatus.EGRESS_FAILED);
    const errors = (await world.egress.listEgress({ roomName: room })).map(({ error }) => error);
    expect(errors).toEqual(['', 'track TR_2 not found', 'participant nobody not found']);
  });

  test('waits for a track that is not there yet, and cannot be ended meanwhile', async () => {
    const world = await openRecorder({ activeMs: undefined });
    const { egressId } = await world.egress.startTrackEgress(room, 'wss://ear.example', 'TR_late');
    const looks = () => world.standIn.asked.filter((name) => name === 'RoomService/ListParticipants').length;
    await expect.poll(looks).toBeGreaterThan(1);
    const error = await errorOf(world.egress.stopEgress(egressId));
    expect(error).toMatchObject({ code: 'deadline_exceeded', status: 408, message: relayed('request timed out') });
    world.standIn.participants.set('late', { attributes: {}, metadata: '', tracks: [{ sid: 'TR_late' }] });
    await world.reaches(egressId, EgressStatus.EGRESS_ACTIVE);
  });

  test('ends with its room', async () => {
    const world = await openRecorder();
    const { egressId } = await world.egress.startRoomCompositeEgress(room, ogg(), audio);
    await world.reaches(egressId, EgressStatus.EGRESS_ACTIVE);
    world.actors[0]!.dropOut('ROOM_DELETED');
    const { egressInfo } = await world.webhook('egress_ended');
    expect(egressInfo).toMatchObject({ status: EgressStatus.EGRESS_COMPLETE, details: 'End reason: Source closed' });
  });

  test('is listed by room and while it goes on', async () => {
    const world = await openRecorder();
    const { egressId } = await world.egress.startWebEgress('https://example.com', ogg('a.mp4'));
    expect(await world.egress.listEgress({ roomName: room })).toEqual([]);
    expect(await world.egress.listEgress({ active: true })).toHaveLength(1);
    world.front.job(egressId)!.reachLimit();
    expect(await world.egress.listEgress({ active: true })).toEqual([]);
  });

  test('that is ending may be ended again', async () => {
    const world = await openRecorder({ completeMs: 1000 });
    const { egressId } = await world.egress.startRoomCompositeEgress(room, ogg(), audio);
    await world.reaches(egressId, EgressStatus.EGRESS_ACTIVE);
    await world.egress.stopEgress(egressId);
    expect(await world.egress.stopEgress(egressId)).toMatchObject({ status: EgressStatus.EGRESS_ENDING });
  });

  test('that is over cannot be stopped again', async () => {
    const world = await openRecorder();
    const { egressId } = await world.egress.startWebEgress('https://example.com', ogg('a.mp4'));
    world.front.job(egressId)!.fail('gone');
    const error = await errorOf(world.egress.stopEgress(egressId));
    const message = 'egress with status EGRESS_FAILED cannot be stopped';
    expect(error).toMatchObject({ code: 'failed_precondition', status: 412, message });
  });
});

const missing = (field: string) => `request has missing or invalid field: ${field}`;
const stream = (...urls: string[]) => ({ stream: new StreamOutput({ protocol: StreamProtocol.RTMP, urls }) });

describe('a recording is refused', () => {
  const oggFile = { file: new EncodedFileOutput({ fileType: EncodedFileType.OGG, filepath: 'a' }) };
  const cases: Record<string, [(world: World) => Promise<unknown>, string, string]> = {
    'of a room there is not': [
      ({ egress }) => egress.startRoomCompositeEgress('nowhere', ogg()),
      'not_found',
      'requested room does not exist',
    ],
    'without an output': [
      ({ egress }) => egress.startRoomCompositeEgress(room, {} as EncodedOutputs),
      'invalid_argument',
      missing('output'),
    ],
    'of neither sound nor picture': [
      ({ egress }) => egress.startRoomCompositeEgress(room, ogg(), { audioOnly: true, videoOnly: true }),
      'invalid_argument',
      missing('audio_only and video_only'),
    ],
    'with a picture in OGG': [
      ({ egress }) => egress.startRoomCompositeEgress(room, oggFile),
      'invalid_argument',
      'format audio/ogg incompatible with codec ',
    ],
    'to an address RTMP cannot have': [
      ({ egress }) => egress.startRoomCompositeEgress(room, stream('rtmp://live.example')),
      'invalid_argument',
      'invalid url rtmp://live.example: rtmp urls must be of format rtmp(s)://{host}(/{path})/{app}/{stream_key}( live=1)',
    ],
    'to an address of another kind': [
      ({ egress }) => egress.startRoomCompositeEgress(room, stream('https://live.example/a/b')),
      'invalid_argument',
      'invalid url https://live.example/a/b: invalid scheme',
    ],
    'of no room': [
      ({ egress }) => egress.startRoomCompositeEgress('', ogg(), audio),
      'invalid_argument',
      missing('token or api key/secret'),
    ],
    'of a page that is no web page': [
      ({ egress }) => egress.startWebEgress('file:///etc/passwd', ogg('a.mp4')),
      'invalid_argument',
      missing('web url'),
    ],
    'of a participant without a name': [
      ({ egress }) => egress.startParticipantEgress(room, '', ogg('a.mp4')),
      'invalid_argument',
      missing('identity'),
    ],
    'by a version 2 request without a source': [
      ({ egress }) => egress.startEgress(new StartEgressRequest({ roomName: room })),
      'invalid_argument',
      missing('source'),
    ],
  };

  test.each(Object.entries(cases))('%s', async (_, [ask, code, message]) => {
    expect(await errorOf(ask(await openRecorder()))).toMatchObject({ code, message: relayed(message) });
  });

  test('when there is no recorder, late and as unavailable', async () => {
    const world = await openRecorder({ does: 'no_worker', apiMs: 30 });
    const error = await errorOf(world.egress.startRoomCompositeEgress(room, ogg(), audio));
    expect(error).toMatchObject({ code: 'unavailable', status: 503, message: relayed('no response from servers') });
  });
});
