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
