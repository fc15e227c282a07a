import { describe, expect, test } from 'vitest';
import { formatOf, namedIn } from '../../src/ingress.ts';

const bytes = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const box = bytes('\0\0\0\x20ftypisom');
const id3 = bytes('ID3\x04rest');

describe('R5.3 what comes from an address', () => {
  test.each([
    ['application/vnd.apple.mpegurl', bytes('#EXTM3U\n'), 'hls'],
    ['Application/X-MpegURL; charset=utf-8', bytes('\xef\xbb\xbf#EXTM3U\n'), 'hls'],
    ['audio/mpegurl', bytes('#EXTM3U\n'), 'hls'],
    ['video/mp4', box, 'mp4'],
    ['video/quicktime', bytes('\0\0\0\x08wide'), 'mov'],
    ['video/x-matroska', bytes('\x1a\x45\xdf\xa3'), 'matroska'],
    ['video/webm', bytes('\x1a\x45\xdf\xa3'), 'matroska'],
    ['audio/ogg', bytes('OggS\0'), 'ogg'],
    ['audio/mpeg', id3, 'mp3'],
    ['audio/mpeg', bytes('\xff\xfb\x90'), 'mp3'],
    ['audio/mp4', box, 'm4a'],
    ['audio/x-m4a', box, 'm4a'],
  ])('%s is taken', (type, first, format) => {
    expect(formatOf(type, first)).toBe(format);
  });

  test.each<[string, Uint8Array, RegExp]>([
    ['text/html', box, /is text\/html; it must be HLS, MP4/],
    ['', box, /is of no content-type/],
    ['application/octet-stream', box, /is application\/octet-stream/],
    ['video/x-msvideo', bytes('RIFF'), /it must be HLS/],
    ['text/html"><script>', box, /is text\/htmlscript; it/],
    ['video/mp4', bytes('<!doctype html>'), /is said to be video\/mp4 and does not begin/],
    ['video/mp4', new Uint8Array(), /does not begin/],
    ['audio/mpeg', bytes('\xff\x1f'), /does not begin/],
    ['application/vnd.apple.mpegurl', box, /does not begin/],
  ])('%s is refused by type, or by how it begins', (type, first, said) => {
    expect(formatOf(type, first)).toEqual({ problem: expect.stringMatching(said) });
  });

  test('a playlist names pieces, keys and other playlists', () => {
    const playlist = [
      '#EXTM3U',
      '#EXT-X-KEY:METHOD=AES-128,URI="https://keys.example/1"',
      '#EXT-X-MEDIA:TYPE=AUDIO,URI="audio.m3u8",NAME="a"',
      '#EXTINF:4,',
      'one.ts',
      '',
      'https://cdn.example/two.ts',
    ].join('\r\n');
    expect(namedIn(playlist)).toEqual(['one.ts', 'https://cdn.example/two.ts', 'https://keys.example/1', 'audio.m3u8']);
  });

  test('in whatever way its lines end and its blanks stand', () => {
    expect(namedIn('#EXTM3U\rone.ts\r#EXT-X-KEY:METHOD=AES-128,URI = "k"\n\rtwo.ts')).toEqual([
      'one.ts',
      'two.ts',
      'k',
    ]);
  });

  test('one with variables is refused: what it names is not what stands in it', () => {
    const playlist = '#EXTM3U\r\n#EXT-X-DEFINE:NAME="h",VALUE="169.254.169.254"\r\nhttp://{$h}/one.ts\r\n';
    expect(namedIn(playlist)).toEqual({ problem: 'must not define variables' });
  });
});
