import {
  EgressSourceType,
  StartEgressRequest,
  type EgressInfo,
  type Output,
  type ParticipantEgressRequest,
  type RoomCompositeEgressRequest,
  type TrackCompositeEgressRequest,
  type TrackEgressRequest,
  type WebEgressRequest,
} from '@livekit/protocol';
import { invalidArgument } from '../twirp.ts';
import { missing, nameWith, readOutputs, type Out, type Outputs, type Sought } from './outputs.ts';
import { redactStorage, redactStreamKey } from './redact.ts';

export type Started = Exclude<EgressInfo['request'], { case: undefined } | { case: 'replay' }>;

/** A recording, as the recorder is asked for it. */
export interface Plan {
  /** The request as answers tell it: without secrets. */
  readonly request: Started;
  readonly roomName: string;
  /** The recorder goes into the room; for a web page it does not. */
  readonly joins: boolean;
  readonly sourceType: EgressSourceType;
  /** Who, and which tracks, must be in the room. */
  readonly identity: string;
  readonly trackIds: readonly string[];
  readonly outputs: Outputs;
  /** Besides the configured ones. */
  readonly webhookUrls: readonly string[];
}

/** Refuses what the recorder refuses, with its words. Throws a `TwirpError`. */
export function readPlan(started: Started, roomId: string): Plan {
  const { value } = started;
  const roomName = roomNameOf(started);
  const source = sourceOf(started);
  if (!source.audio && !source.video) throw missing('audio_only and video_only');
  const sought = { audio: source.audio, video: source.video, roomName, roomId };
  const outputs = started.case === 'track' ? trackOutputs(started.value, sought) : readOutputs(outsOf(started), sought);
  const joins = !source.page;
  if (joins && !roomName) throw missing('token or api key/secret');
  return {
    roomName,
    joins,
    sourceType: source.web ? EgressSourceType.WEB : EgressSourceType.SDK,
    identity: source.identity ?? '',
    trackIds: source.trackIds ?? [],
    outputs,
    webhookUrls: value.webhooks.map(({ url }) => url),
    request: redacted(started),
  };
}

export const roomNameOf = (started: Started): string => (started.case === 'web' ? '' : started.value.roomName);

interface Source {
  readonly audio: boolean;
  readonly video: boolean;
  /** A browser draws it. */
  readonly web?: boolean;
  /** Of a page of its own, and of no room. */
  readonly page?: boolean;
  readonly identity?: string;
  readonly trackIds?: readonly string[];
}

function sourceOf(started: Started): Source {
  switch (started.case) {
    case 'roomComposite':
      return templateSource(started.value);
    case 'web':
      return webSource(started.value);
    case 'participant':
      if (!started.value.identity) throw missing('identity');
      return { audio: true, video: true, identity: started.value.identity };
    case 'trackComposite':
      return tracksSource(started.value);
    case 'track':
      if (!started.value.trackId) throw missing('track_id');
      return { audio: true, video: false, trackIds: [started.value.trackId] };
    case 'egress':
      return sourceOfAny(started.value);
  }
}

interface Template {
  readonly layout: string;
  readonly audioOnly: boolean;
  readonly videoOnly: boolean;
  readonly customBaseUrl: string;
}

function templateSource({ layout, audioOnly, videoOnly, customBaseUrl }: Template): Source {
  if (customBaseUrl && !isHttp(customBaseUrl)) throw missing('template base url');
  return { audio: !videoOnly, video: !audioOnly, web: !audioOnly || layout !== '' || customBaseUrl !== '' };
}

function webSource({ url, audioOnly, videoOnly }: Pick<WebEgressRequest, 'url' | 'audioOnly' | 'videoOnly'>): Source {
  if (!isHttp(url)) throw missing('web url');
  return { audio: !videoOnly, video: !audioOnly, web: true, page: true };
}

function tracksSource({ audioTrackId, videoTrackId }: TrackCompositeEgressRequest): Source {
  if (!audioTrackId && !videoTrackId) throw missing('audio_track_id or video_track_id');
  const trackIds = [audioTrackId, videoTrackId].filter((id) => id !== '');
  return { audio: audioTrackId !== '', video: videoTrackId !== '', trackIds };
}

function sourceOfAny({ source }: StartEgressRequest): Source {
  if (source.case === 'template') return templateSource(source.value);
  if (source.case === 'web') return webSource(source.value);
  if (source.case !== 'media') throw missing('source');
  const { video, audio } = source.value;
  const routes = (audio?.routes ?? []).flatMap(({ match }) => (match.case === 'trackId' ? [match.value] : []));
  const hasAudio = audio !== undefined && (audio.captureAll || audio.routes.length > 0);
  if (!hasAudio && video.case === undefined) throw missing('audio or video');
  return {
    audio: hasAudio,
    video: video.case !== undefined,
    ...(video.case === 'participantVideo' && { identity: video.value.identity }),
    trackIds: [...(video.case === 'videoTrackId' ? [video.value] : []), ...routes],
  };
}

function isHttp(url: string): boolean {
  return /^https?:\/\/./.test(url) && URL.canParse(url);
}

type Encoded = RoomCompositeEgressRequest | WebEgressRequest | ParticipantEgressRequest | TrackCompositeEgressRequest;

/** Lists, the deprecated single output where its list is empty, and the form of version 2, all in one. */
function outsOf(started: Exclude<Started, { case: 'track' }>): Out[] {
  if (started.case === 'egress') return started.value.outputs.map((output) => outOfAny(output, started.value));
  const { value } = started;
  const single = 'output' in value ? value.output : { case: undefined };
  return [
    ...listed('file', value.fileOutputs, single),
    ...listed('stream', value.streamOutputs, single),
    ...listed('segments', value.segmentOutputs, single),
    ...listed('images', value.imageOutputs, single),
  ];
}

function listed(name: Out['case'], list: readonly object[], single: { case: unknown; value?: unknown }): Out[] {
  const values = list.length === 0 && single.case === name ? [single.value] : list;
  return values.map((value) => {
    const storage = (value as { output?: Out['storage'] }).output ?? { case: undefined };
    return { case: name, value, storage } as Out;
  });
}

function outOfAny({ config, storage }: Output, { storage: common }: StartEgressRequest): Out {
  if (config.case === undefined) throw missing('output config');
  return { ...config, storage: (storage ?? common)?.provider ?? { case: undefined } };
}

function trackOutputs({ output }: TrackEgressRequest, sought: Sought): Outputs {
  const none = { file: undefined, stream: undefined, segments: undefined, images: [] };
  if (output.case === 'file') {
    const { filepath, disableManifest, output: storage } = output.value;
    const filename = nameWith('.ogg', filepath, sought);
    return { ...none, file: { filename, type: 'ogg', manifest: !disableManifest, storage } };
  }
  if (output.case !== 'websocketUrl') throw missing('output');
  if (!/^wss?:\/\/./.test(output.value)) throw invalidArgument(`invalid url ${output.value}: invalid scheme`);
  return { ...none, stream: { type: 'raw', urls: [output.value] } };
}

function redacted(started: Started): Started {
  const { case: name } = started;
  const value = started.value.clone();
  if (value instanceof StartEgressRequest) redactAny(value);
  else if ('fileOutputs' in value) redactEncoded(value);
  else if ('output' in value && value.output.case === 'file') redactStorage(value.output.value.output);
  return { case: name, value } as Started;
}

function redactAny(request: StartEgressRequest): void {
  redactStorage(request.storage?.provider);
  for (const { config, storage } of request.outputs) {
    redactStorage(storage?.provider);
    if (config.case === 'stream') redactUrls(config.value);
  }
}

function redactEncoded(request: Encoded): void {
  const single = 'output' in request ? request.output : undefined;
  const { fileOutputs, segmentOutputs, imageOutputs, streamOutputs } = request;
  for (const { output } of [...fileOutputs, ...segmentOutputs, ...imageOutputs]) redactStorage(output);
  for (const stream of streamOutputs) redactUrls(stream);
  if (single?.case === 'stream') redactUrls(single.value);
  else if (single?.case) redactStorage(single.value.output);
}

function redactUrls(stream: { urls: string[] }): void {
  stream.urls = stream.urls.map((url) => redactStreamKey(url) ?? url);
}
