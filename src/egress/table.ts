import type { EgressOutput, EgressSource } from './model.ts';

export const outputTypes = [
  'mp4',
  'ogg',
  'mp3',
  'webm',
  'hls',
  'rtmp',
  'srt',
] as const satisfies readonly EgressOutput['type'][];

type Source = { readonly kind: EgressSource['kind']; readonly only?: 'audio' | 'video' };

const soundOf: Readonly<Record<EgressSource['kind'], string>> = {
  room: 'audioOnly: true',
  tracks: 'an audioTrack and no videoTrack',
  participant: 'kind tracks with the audioTrack',
  track: '',
  web: 'audioOnly: true',
};

/** There is no such output at all. */
export const noDash = 'LiveKit makes no DASH: take hls';

/** Why LiveKit cannot give this, with what it can give instead; nothing when it can. */
export function refusal({ kind, only }: Source, type: string): string | undefined {
  if (kind === 'track') return ofTrack(type);
  if (type === 'webm')
    return 'WebM comes of a single track alone, as it was sent in VP8 or VP9: take kind track, or mp4 here';
  if ((type === 'ogg' || type === 'mp3') && only !== 'audio')
    return `${type} holds sound alone: take mp4, or ${soundOf[kind]}`;
  return undefined;
}

function ofTrack(type: string): string | undefined {
  if (type === 'ogg' || type === 'webm' || type === 'mp4') return undefined;
  return type === 'mp3'
    ? 'a track is kept as it was sent: take ogg, or kind tracks with the audioTrack for mp3'
    : `a track is kept as it was sent, in a file: take ogg, webm or mp4, or kind tracks for ${type}`;
}

/** Why it cannot be beside the others: one encoder of sound serves all of them. */
export const besides = (type: string, all: readonly string[]): string | undefined =>
  (type === 'ogg' || type === 'mp3') && all.some((each) => each === 'hls' || each === 'rtmp' || each === 'srt')
    ? `${type} has another sound codec than hls, rtmp and srt: beside them take mp4`
    : undefined;
