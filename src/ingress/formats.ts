/** What LiveKit can pull by URL. */
export type MediaFormat = 'hls' | 'mp4' | 'mov' | 'matroska' | 'ogg' | 'mp3' | 'm4a';

const byType: Readonly<Record<string, MediaFormat>> = {
  'application/vnd.apple.mpegurl': 'hls',
  'application/x-mpegurl': 'hls',
  'audio/mpegurl': 'hls',
  'audio/x-mpegurl': 'hls',
  'video/mp4': 'mp4',
  'video/quicktime': 'mov',
  'video/x-matroska': 'matroska',
  'video/matroska': 'matroska',
  'audio/x-matroska': 'matroska',
  'video/webm': 'matroska',
  'audio/webm': 'matroska',
  'audio/ogg': 'ogg',
  'video/ogg': 'ogg',
  'application/ogg': 'ogg',
  'audio/mpeg': 'mp3',
  'audio/mp3': 'mp3',
  'audio/mp4': 'm4a',
  'audio/m4a': 'm4a',
  'audio/x-m4a': 'm4a',
};

const at = (bytes: Uint8Array, offset: number, text: string): boolean =>
  [...text].every((letter, index) => bytes[offset + index] === letter.charCodeAt(0));

const isBoxed = (bytes: Uint8Array): boolean =>
  ['ftyp', 'moov', 'mdat', 'wide', 'free', 'skip'].some((box) => at(bytes, 4, box));

/** How files of each format begin. */
const begins: Readonly<Record<MediaFormat, (bytes: Uint8Array) => boolean>> = {
  hls: (bytes) => at(bytes, 0, '#EXTM3U') || at(bytes, 0, '\u00ef\u00bb\u00bf#EXTM3U'),
  mp4: isBoxed,
  mov: isBoxed,
  m4a: isBoxed,
  matroska: (bytes) => at(bytes, 0, '\u001a\u0045\u00df\u00a3'),
  ogg: (bytes) => at(bytes, 0, 'OggS'),
  mp3: (bytes) => at(bytes, 0, 'ID3') || (bytes[0] === 0xff && ((bytes[1] ?? 0) & 0xe0) === 0xe0),
};

/**
 * The format of what a server gives: it must say one of the types that LiveKit can play, and begin as such a file does. What
 * the address ends in proves nothing.
 */
export function formatOf(contentType: string, first: Uint8Array): MediaFormat | { readonly problem: string } {
  const type = contentType.split(';')[0]!.trim().toLowerCase();
  const format = byType[type];
  if (format === undefined)
    return { problem: `is ${shown(type)}; it must be HLS, MP4, MOV, MKV, WebM, OGG, MP3 or M4A by its content-type` };
  return begins[format](first) ? format : { problem: `is said to be ${type} and does not begin as such a file does` };
}

const shown = (type: string): string =>
  type === '' ? 'of no content-type' : type.replace(/[^\w.+/-]/g, '').slice(0, 60);

/** Addresses that a playlist of HLS names, as they stand in it; one with variables names what cannot be looked at. */
export function namedIn(playlist: string): readonly string[] | { readonly problem: string } {
  const lines = playlist.split(/[\r\n]+/);
  if (lines.some((line) => line.startsWith('#EXT-X-DEFINE'))) return { problem: 'must not define variables' };
  const pieces = lines.filter((line) => line !== '' && !line.startsWith('#'));
  const inTags = [...playlist.matchAll(/\bURI\s*=\s*"([^"]*)"/g)].map(([, address = '']) => address);
  return [...pieces, ...inTags];
}
