import {
  AzureBlobUpload,
  DirectFileOutput,
  EncodedFileOutput,
  EncodedFileType,
  type EncodedOutputs,
  GCPUpload,
  S3Upload,
  SegmentedFileOutput,
  SegmentedFileProtocol,
  StreamOutput,
  StreamProtocol,
} from 'livekit-server-sdk';
import type { EgressOrder, EgressOutput, Storage, Storages } from '../../../egress.ts';

const fileTypes = { mp4: EncodedFileType.MP4, ogg: EncodedFileType.OGG, mp3: EncodedFileType.MP3 } as const;
const protocols = { rtmp: StreamProtocol.RTMP, srt: StreamProtocol.SRT } as const;

/** Outputs in LiveKit's words. The SDK's other form would fill a field that LiveKit gave up as well. */
export const encodedOutputs = ({ outputs }: EgressOrder, storages: Storages): EncodedOutputs =>
  Object.assign({}, ...outputs.map((output) => encoded(output, storages)));

function encoded(output: EgressOutput, storages: Storages): EncodedOutputs {
  if ('urls' in output)
    return {
      stream: new StreamOutput({
        protocol: protocols[output.type],
        urls: output.urls.map((url) => url.reveal()),
      }),
    };
  const { path, storage } = output;
  const upload = uploadTo(storages.get(storage));
  if (output.type === 'hls')
    return {
      segments: new SegmentedFileOutput({
        protocol: SegmentedFileProtocol.HLS_PROTOCOL,
        filenamePrefix: path,
        playlistName: output.playlist,
        livePlaylistName: output.livePlaylist,
        segmentDuration: output.segmentSeconds,
        output: upload,
      }),
    };
  const fileType = output.type === 'webm' ? EncodedFileType.DEFAULT_FILETYPE : fileTypes[output.type];
  return { file: new EncodedFileOutput({ fileType, filepath: path, output: upload }) };
}

/** A single track is written as it was sent; LiveKit gives it the ending of its codec. */
export function directOutput({ outputs }: EgressOrder, storages: Storages): DirectFileOutput {
  const [output] = outputs;
  if (!output || !('path' in output)) throw new Error('a track is kept in a file');
  return new DirectFileOutput({ filepath: output.path, output: uploadTo(storages.get(output.storage)) });
}

/** Where there is none the file stays on the recorder's own disk. */
function uploadTo(storage: Storage | undefined): EncodedFileOutput['output'] {
  switch (storage?.kind) {
    case 's3': {
      const { key, secret, region, endpoint, bucket, pathStyle } = storage;
      return {
        case: 's3',
        value: new S3Upload({
          accessKey: key,
          secret: secret.reveal(),
          region,
          endpoint,
          bucket,
          forcePathStyle: pathStyle,
        }),
      };
    }
    case 'azure': {
      const { account, container, secret } = storage;
      return {
        case: 'azure',
        value: new AzureBlobUpload({
          accountName: account,
          accountKey: secret.reveal(),
          containerName: container,
        }),
      };
    }
    case 'gcs':
      return { case: 'gcp', value: new GCPUpload({ credentials: storage.secret.reveal(), bucket: storage.bucket }) };
    default:
      return { case: undefined };
  }
}
