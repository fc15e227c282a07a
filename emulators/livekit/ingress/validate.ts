import {
  AudioCodec,
  IngressInput,
  TrackSource,
  VideoCodec,
  type IngressAudioOptions,
  type IngressInfo,
  type IngressVideoOptions,
} from '@livekit/protocol';
import { invalidArgument, type TwirpError } from '../twirp.ts';

const invalid = (why: string): TwirpError => invalidArgument(`invalid ingress: ${why}`);
const badBypass = (why: string): TwirpError => invalidArgument(`invalid transcoding bypass configuration: ${why}`);
const badVideo = (why: string): TwirpError => invalidArgument(`invalid video parameters: ${why}`);
const badAudio = (why: string): TwirpError => invalidArgument(`invalid audio parameters: ${why}`);

/** Refuses what LiveKit's server refuses, with its words. Throws a `TwirpError`. */
export function validateIngress(info: IngressInfo): void {
  const { inputType, roomName, participantIdentity, enabled, streamKey } = info;
  if (inputType === IngressInput.URL_INPUT) {
    if (!roomName) throw invalid('no room name');
    if (enabled === false) throw invalid('disabled non reusable ingress');
  } else if (!streamKey) throw invalid('no stream key');
  if (!participantIdentity) throw invalid('no participant identity');
  validateTranscoding(info);
  if (info.video) validateVideo(info.video);
  if (info.audio) validateAudio(info.audio);
}

/** The address to pull from, as LiveKit writes it. Throws a `TwirpError`. */
export function pulledUrl(url: string): string {
  if (!url) throw invalid('missing URL parameter');
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase() ?? '';
  if (!['http', 'https', 'srt'].includes(scheme)) throw invalid(`invalid url scheme ${scheme}`);
  return url;
}

function validateTranscoding({ inputType, enableTranscoding, audio, video }: IngressInfo): void {
  const whip = inputType === IngressInput.WHIP_INPUT;
  if (!whip && enableTranscoding === false)
    throw badBypass('bypassing transcoding impossible with selected input type');
  if (enableTranscoding ?? !whip) return;
  for (const [name, options] of [['video', video] as const, ['audio', audio] as const])
    if (options?.encodingOptions.case !== undefined)
      throw badBypass(`${name} encoding options must be empty if transcoding is disabled`);
}

function validateVideo({ source, encodingOptions }: IngressVideoOptions): void {
  if (![TrackSource.UNKNOWN, TrackSource.CAMERA, TrackSource.SCREEN_SHARE].includes(source))
    throw badVideo('invalid track source');
  if (encodingOptions.case !== 'options') return;
  const { frameRate, videoCodec, layers } = encodingOptions.value;
  if (frameRate < 0) throw badVideo('invalid framerate');
  if (![VideoCodec.DEFAULT_VC, VideoCodec.H264_BASELINE, VideoCodec.VP8].includes(videoCodec))
    throw badVideo('video codec unsupported');
  for (const { width, height } of layers) {
    if (width === 0 || height === 0) throw badVideo('invalid output media dimensions');
    if (width % 2 === 1) throw invalid('layer width must be even');
    if (height % 2 === 1) throw invalid('layer height must be even');
  }
  if (new Set(layers.map(({ quality }) => quality)).size < layers.length)
    throw badVideo('more than one layer with the same quality level');
  validateOrder(layers);
}

function validateOrder(layers: readonly { quality: number; width: number; height: number }[]): void {
  const rising = [...layers].sort((a, b) => a.quality - b.quality);
  rising.slice(1).forEach((layer, i) => {
    for (const side of ['height', 'width'] as const)
      if (layer[side] < rising[i]![side])
        throw badVideo(`video layers do not have increasing ${side} with increasing quality`);
  });
}

function validateAudio({ source, encodingOptions }: IngressAudioOptions): void {
  if (![TrackSource.UNKNOWN, TrackSource.MICROPHONE, TrackSource.SCREEN_SHARE_AUDIO].includes(source))
    throw badAudio('invalid track source');
  if (encodingOptions.case !== 'options') return;
  const { audioCodec, channels } = encodingOptions.value;
  if (![AudioCodec.DEFAULT_AC, AudioCodec.OPUS].includes(audioCodec)) throw badAudio('audio codec unsupported');
  if (channels > 2) throw badAudio('invalid audio channel count');
}
