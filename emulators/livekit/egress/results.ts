import {
  EgressInfo,
  EgressStatus,
  FileInfo,
  ImagesInfo,
  SegmentsInfo,
  StreamInfo,
  StreamInfoList,
  StreamInfo_Status,
} from '@livekit/protocol';
import { newId } from '../ids.ts';
import { addressOf, writeManifest, writeRecording } from './file.ts';
import type { Outputs } from './outputs.ts';
import type { Plan } from './plan.ts';
import { redactStreamKey } from './redact.ts';

/** Writes the files under `folder` and fills in how long, how big and where. Rejects when a file cannot be written. */
export async function writeResults(info: EgressInfo, outputs: Outputs, folder: string): Promise<void> {
  for (const result of info.fileResults) {
    const { storage, manifest } = outputs.file!;
    const written = await writeRecording(folder, result.filename, Number(result.duration / 1_000_000n));
    const location = addressOf(storage, result.filename) ?? written.path;
    Object.assign(result, { size: BigInt(written.bytes), location });
    if (manifest) info.manifestLocation = await writeManifest(written.path, info);
  }
  const duration = info.endedAt - info.startedAt;
  for (const result of info.segmentResults) {
    const { storage, segmentSeconds } = outputs.segments!;
    const segmentCount = duration / BigInt(segmentSeconds * 1e9) + 1n;
    const playlistLocation = addressOf(storage, result.playlistName) ?? result.playlistName;
    Object.assign(result, { duration, segmentCount, playlistLocation, endedAt: info.endedAt });
  }
  for (const result of info.imageResults) result.endedAt = info.endedAt;
}

/** What comes out of a recording has times of its own, within those of the recording. */
export function finishFile(file: FileInfo): void {
  file.endedAt = nowNs();
  file.duration = file.endedAt - file.startedAt;
}

export function finishStream(stream: StreamInfo): void {
  stream.status = StreamInfo_Status.FINISHED;
  stream.endedAt = nowNs();
  stream.duration = stream.endedAt - stream.startedAt;
}

/** Before anything is recorded. */
export function firstInfo({ request, roomName, sourceType, outputs }: Plan, roomId: string): EgressInfo {
  const { file, stream, segments, images } = outputs;
  const info = new EgressInfo({
    egressId: newId('EG_'),
    roomId,
    roomName,
    sourceType,
    status: EgressStatus.EGRESS_STARTING,
    startedAt: nowNs(),
    updatedAt: nowNs(),
    request: request as EgressInfo['request'],
    fileResults: file ? [new FileInfo({ filename: file.filename })] : [],
    streamResults: (stream?.urls ?? []).map((url) => streamInfo(url, 0n)),
    segmentResults: segments
      ? [new SegmentsInfo({ playlistName: segments.playlist, livePlaylistName: segments.livePlaylist })]
      : [],
    imageResults: images.map(({ prefix }) => new ImagesInfo({ filenamePrefix: prefix })),
  });
  info.result = onlyResult(info);
  return info;
}

/** One that comes alone is told in a field that LiveKit gave up as well. */
function onlyResult(info: EgressInfo): EgressInfo['result'] {
  const { fileResults, segmentResults, imageResults, streamResults } = info;
  const [file, segments] = [fileResults[0], segmentResults[0]];
  const kinds = [fileResults, segmentResults, imageResults, streamResults].filter(({ length }) => length > 0);
  if (kinds.length !== 1) return { case: undefined };
  if (file) return { case: 'file', value: file };
  if (segments) return { case: 'segments', value: segments };
  return streamResults.length > 0
    ? { case: 'stream', value: new StreamInfoList({ info: streamResults }) }
    : { case: undefined };
}

export const streamInfo = (url: string, startedAt: bigint): StreamInfo =>
  new StreamInfo({ url: redactStreamKey(url) ?? url, startedAt, status: StreamInfo_Status.ACTIVE });

export const nowNs = (): bigint => BigInt(Date.now()) * 1_000_000n;
