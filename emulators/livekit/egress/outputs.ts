import { posix } from 'node:path';
import { EncodedFileType, StreamProtocol, type Output, type StorageConfig } from '@livekit/protocol';
import { invalidArgument, type TwirpError } from '../twirp.ts';
import { redactStreamKey } from './redact.ts';

type Provider = StorageConfig['provider'];
type Named<Case> = Extract<Output['config'], { case: Case }>['value'];

/** One thing that is to come out, whichever form the request had. */
export type Out = Exclude<Output['config'], { case: undefined }> & { readonly storage: Provider };

type FileType = 'ogg' | 'mp3' | 'mp4' | 'webm';
type StreamType = 'rtmp' | 'srt' | 'raw';

export interface FileOut {
  readonly filename: string;
  readonly type: FileType;
  readonly manifest: boolean;
  readonly storage: Provider;
}

export interface StreamOut {
  readonly type: StreamType;
  /** As they were given, keys included. */
  readonly urls: readonly string[];
}

export interface SegmentsOut {
  readonly playlist: string;
  readonly livePlaylist: string;
  readonly segmentSeconds: number;
  readonly storage: Provider;
}

export interface Outputs {
  readonly file: FileOut | undefined;
  readonly stream: StreamOut | undefined;
  readonly segments: SegmentsOut | undefined;
  readonly images: readonly { readonly prefix: string; readonly storage: Provider }[];
}

/** What is recorded, and the words that stand for it in names of files. */
export interface Sought {
  readonly audio: boolean;
  readonly video: boolean;
  readonly roomName: string;
  readonly roomId: string;
}

export const missing = (field: string): TwirpError => invalidArgument(`request has missing or invalid field: ${field}`);
const badUrl = (url: string, why: string): TwirpError => invalidArgument(`invalid url ${url}: ${why}`);

/** Refuses what the recorder refuses, with its words. Throws a `TwirpError`. */
export function readOutputs(outs: readonly Out[], sought: Sought): Outputs {
  const files = outs.filter((out) => out.case === 'file');
  const streams = outs.filter((out) => out.case === 'stream');
  const segments = outs.filter((out) => out.case === 'segments');
  const images = outs.filter((out) => out.case === 'images');
  if (files.length > 1) throw missing('multiple file outputs');
  if (streams.length > 1) throw missing('multiple stream outputs');
  if (segments.length > 1) throw missing('multiple segmented file outputs');
  if (images.length > 0 && !sought.video) throw missing('audio_only images');
  if (outs.length === 0) throw missing('output');
  const stream = streams[0] && readStream(streams[0].value);
  if (stream?.urls.length === 0 && outs.length === 1) throw missing('stream url');
  const encoded = segments.length > 0 || stream?.type === 'rtmp' || stream?.type === 'srt';
  return {
    file: files[0] && readFile(files[0].value, files[0].storage, sought, encoded),
    stream,
    segments: segments[0] && readSegments(segments[0].value, segments[0].storage, sought),
    images: images.map(({ value, storage }) => ({ prefix: filled(value.filenamePrefix, sought), storage })),
  };
}

const typeNames: Readonly<Record<FileType, string>> = {
  ogg: 'audio/ogg',
  mp3: 'audio/mpeg',
  mp4: 'video/mp4',
  webm: 'video/webm',
};
const extensions = /\.(raw|ogg|mp3|ivf|mp4|ts|webm|m3u8|jpeg)$/;

/** `encoded`: beside outputs of H.264 and AAC. */
function readFile(file: Named<'file'>, storage: Provider, sought: Sought, encoded: boolean): FileOut {
  const type = typeOf(file.fileType, sought, encoded);
  if (sought.video && type !== 'mp4') throw incompatible(type);
  if (encoded && type === 'ogg') throw incompatible(type);
  const filename = nameWith(`.${type}`, file.filepath, sought);
  return { filename, type, manifest: !file.disableManifest, storage };
}

const incompatible = (type: FileType): TwirpError =>
  invalidArgument(`format ${typeNames[type]} incompatible with codec `);

function typeOf(type: EncodedFileType, { video }: Sought, encoded: boolean): FileType {
  if (type === EncodedFileType.MP4) return 'mp4';
  if (type === EncodedFileType.OGG) return 'ogg';
  if (type === EncodedFileType.MP3) return 'mp3';
  return video || encoded ? 'mp4' : 'ogg';
}

/** A path that ends in `/`, or none, gets a name of its own; a wrong extension of a medium is exchanged. */
export function nameWith(extension: string, path: string, sought: Sought): string {
  const name = filled(path, sought);
  if (name === '' || name.endsWith('/')) return `${name}${sought.roomName || 'web'}-${timeNow()}${extension}`;
  return name.endsWith(extension) ? name : name.replace(extensions, '') + extension;
}

function filled(path: string, { roomName, roomId }: Sought): string {
  const now = new Date();
  return (path && posix.normalize(path))
    .replace(/^(\.\.\/)+/, '')
    .replaceAll('{room_name}', roomName || '{room_name}')
    .replaceAll('{room_id}', roomId || '{room_id}')
    .replaceAll('{time}', timeNow())
    .replaceAll('{utc}', now.toISOString().replaceAll(/[-:TZ.]/g, ''));
}

const timeNow = (): string => new Date().toISOString().slice(0, 19).replaceAll(':', '');

const schemes: Readonly<Record<string, StreamType>> = {
  rtmp: 'rtmp',
  rtmps: 'rtmp',
  mux: 'rtmp',
  twitch: 'rtmp',
  srt: 'srt',
  ws: 'raw',
  wss: 'raw',
};

const typesByProtocol = {
  [StreamProtocol.RTMP]: 'rtmp',
  [StreamProtocol.SRT]: 'srt',
  [StreamProtocol.WEBSOCKET]: 'raw',
} as const;

function readStream({ protocol, urls }: Named<'stream'>): StreamOut {
  const type = protocol === StreamProtocol.DEFAULT_PROTOCOL ? typeOfFirst(urls[0]) : typesByProtocol[protocol];
  for (const url of urls) checkStreamUrl(url, type);
  return { type, urls };
}

function typeOfFirst(url: string | undefined): StreamType {
  if (url === undefined) throw missing('stream protocol');
  const type = schemes[schemeOf(url)];
  if (!type) throw badUrl(url, 'invalid protocol');
  return type;
}

const schemeOf = (url: string): string => /^([a-z][a-z0-9+.-]*):\/\//i.exec(url)?.[1]?.toLowerCase() ?? '';

/** Throws a `TwirpError` for an address that a stream of this type cannot go to. */
export function checkStreamUrl(url: string, type: StreamType): void {
  const scheme = schemeOf(url);
  if (schemes[scheme] !== type) throw badUrl(url, 'invalid scheme');
  if (/^rtmps?$/.test(scheme) && redactStreamKey(url) === undefined)
    throw badUrl(url, 'rtmp urls must be of format rtmp(s)://{host}(/{path})/{app}/{stream_key}( live=1)');
}

function readSegments(segments: Named<'segments'>, storage: Provider, sought: Sought): SegmentsOut {
  const { playlistName, livePlaylistName, filenamePrefix, segmentDuration } = segments;
  const playlist = nameWith('.m3u8', playlistName || filenamePrefix, sought);
  const livePlaylist = livePlaylistName && nameWith('.m3u8', livePlaylistName, sought);
  if (playlist === livePlaylist) throw missing('live_playlist_name cannot be identical to playlist_name');
  return { playlist, livePlaylist, segmentSeconds: segmentDuration || 4, storage };
}
