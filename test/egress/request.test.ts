import { describe, expect, it } from 'vitest';
import { egressRequest, orderOf, readStorages, shownOrder } from '../../src/egress.ts';
import { Secret } from '../../src/secret.ts';

const { storages } = readStorages({
  STORAGE_DEFAULT: 's3://bucket/recordings?region=eu-central-1',
  STORAGE_DEFAULT_KEY: 'AKIA',
  STORAGE_DEFAULT_SECRET: 'hunter2',
  STORAGE_DISK: 'local:///out',
});

const sources = {
  room: { kind: 'room', room: 'streaming-room', layout: 'grid' },
  'room, sound alone': { kind: 'room', room: 'streaming-room', audioOnly: true },
  'room, pictures alone': { kind: 'room', room: 'streaming-room', videoOnly: true },
  tracks: { kind: 'tracks', room: 'streaming-room', audioTrack: 'TR_a', videoTrack: 'TR_v' },
  'tracks, sound alone': { kind: 'tracks', room: 'streaming-room', audioTrack: 'TR_a' },
  participant: { kind: 'participant', room: 'streaming-room', identity: 'streamer' },
  track: { kind: 'track', room: 'streaming-room', track: 'TR_a' },
  web: { kind: 'web', url: 'https://example.com/board?token=abc' },
  'web, sound alone': { kind: 'web', url: 'https://example.com/board', audioOnly: true },
} as const;

const outputs = {
  mp4: { type: 'mp4' },
  ogg: { type: 'ogg' },
  mp3: { type: 'mp3' },
  webm: { type: 'webm' },
  hls: { type: 'hls' },
  rtmp: { type: 'rtmp', urls: ['rtmp://live.example.com/app/key'] },
  rtmps: { type: 'rtmp', urls: ['rtmps://live.example.com/app/key'] },
  srt: { type: 'srt', urls: ['srt://live.example.com:9000?streamid=key'] },
  dash: { type: 'dash' },
} as const;

/** Fields at fault, each with what is allowed. */
function problemsOf(request: unknown): readonly string[] {
  const read = egressRequest.safeParse(request);
  return read.success ? [] : read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

const noDash = 'LiveKit makes no DASH: take hls';
const noWebm = 'WebM comes of a single track alone, as it was sent in VP8 or VP9: take kind track, or mp4 here';
const soundOnly = (type: string, instead: string) => `${type} holds sound alone: take mp4, or ${instead}`;
const asSent = (type: string) =>
  `a track is kept as it was sent, in a file: take ogg, webm or mp4, or kind tracks for ${type}`;
const noMp3 = 'a track is kept as it was sent: take ogg, or kind tracks with the audioTrack for mp3';

/** What LiveKit can do, output by output; what it cannot is said with what it can do instead. */
const refused: Readonly<Record<keyof typeof sources, Partial<Record<keyof typeof outputs, string>>>> = {
  room: { ogg: soundOnly('ogg', 'audioOnly: true'), mp3: soundOnly('mp3', 'audioOnly: true'), webm: noWebm },
  'room, sound alone': { webm: noWebm },
  'room, pictures alone': {
    ogg: soundOnly('ogg', 'audioOnly: true'),
    mp3: soundOnly('mp3', 'audioOnly: true'),
    webm: noWebm,
  },
  tracks: {
    ogg: soundOnly('ogg', 'an audioTrack and no videoTrack'),
    mp3: soundOnly('mp3', 'an audioTrack and no videoTrack'),
    webm: noWebm,
  },
  'tracks, sound alone': { webm: noWebm },
  participant: {
    ogg: soundOnly('ogg', 'kind tracks with the audioTrack'),
    mp3: soundOnly('mp3', 'kind tracks with the audioTrack'),
    webm: noWebm,
  },
  track: { mp3: noMp3, hls: asSent('hls'), rtmp: asSent('rtmp'), rtmps: asSent('rtmp'), srt: asSent('srt') },
  web: { ogg: soundOnly('ogg', 'audioOnly: true'), mp3: soundOnly('mp3', 'audioOnly: true'), webm: noWebm },
  'web, sound alone': { webm: noWebm },
};

const cells = Object.entries(sources).flatMap(([source, given]) =>
  Object.entries(outputs).map(([type, output]) => {
    const why = type === 'dash' ? noDash : refused[source as never]?.[type as never];
    return [source, type, { ...given, outputs: [output] }, why] as const;
  }),
);

describe('every source with every output', () => {
  it.each(cells)('R4.1 R4.2 D7.3 %s as %s', (_, __, request, why) => {
    expect(problemsOf(request)).toEqual(why ? [`outputs.0.type: ${why}`] : []);
  });

  it('R4.1 the table says something of every output', () => {
    expect(cells).toHaveLength(81);
    expect(cells.filter(([, , , why]) => why)).toHaveLength(32);
  });
});

describe('several outputs at once', () => {
  const room = sources.room;
  it('D7.3 a file, HLS and streams', () => {
    expect(problemsOf({ ...room, outputs: [outputs.mp4, outputs.hls, outputs.rtmp] })).toEqual([]);
  });

  it.each([
    ['two files', [outputs.mp4, { type: 'mp4', storage: 'disk' }], 'file'],
    ['two of HLS', [outputs.hls, outputs.hls], 'hls'],
    ['RTMP and SRT', [outputs.rtmp, outputs.srt], 'set of streams'],
  ])('R4.1 not %s', (_, wanted, group) => {
    expect(problemsOf({ ...room, outputs: wanted })).toEqual([
      `outputs.1: there may be one ${group} at once: ask for another egress`,
    ]);
  });

  it.each(['ogg', 'mp3'])('R4.1 not %s beside what has another codec', (type) => {
    const wanted = { ...sources['room, sound alone'], outputs: [{ type }, outputs.hls] };
    expect(problemsOf(wanted)).toEqual([
      `outputs.0.type: ${type} has another sound codec than hls, rtmp and srt: beside them take mp4`,
    ]);
  });

  it('R4.1 of a track only one', () => {
    expect(problemsOf({ ...sources.track, outputs: [outputs.ogg, outputs.mp4] })).toEqual([
      'outputs: a track has one output',
    ]);
  });
});

const long = (count: number, text = 'x') => text.repeat(count);

describe('what cannot be read is refused, with what is allowed', () => {
  const room = { ...sources.room, outputs: [outputs.mp4] };
  it.each([
    [undefined, ': must have a kind of room, tracks, participant, track, web'],
    [null, ': must have a kind of room, tracks, participant, track, web'],
    [[], ': must have a kind of room, tracks, participant, track, web'],
    [{ ...room, kind: 'file' }, 'kind: must have a kind of room, tracks, participant, track, web'],
    [{ ...room, room: undefined }, 'room: must be text of 1 to 256 bytes'],
    [{ ...room, room: '' }, 'room: must have 1 to 256 bytes'],
    [{ ...room, room: long(257) }, 'room: must have 1 to 256 bytes'],
    [{ ...room, room: long(100, '\u20ac') }, 'room: must have 1 to 256 bytes'],
    [{ ...room, room: 'a\u202eb' }, 'room: must be visible text'],
    [{ ...room, room: 'Cafe\u0301' }, 'room: must be in Unicode form NFC'],
    [{ ...room, room: 7 }, 'room: must be text of 1 to 256 bytes'],
    [{ ...room, layout: 'mosaic' }, /^layout: must be one of grid, grid-light, grid-dark, speaker/],
    [{ ...room, audioOnly: 'yes' }, 'audioOnly: must be true or false'],
    [{ ...room, layout: undefined, audioOnly: true, videoOnly: true }, /^videoOnly: must not be true with audioOnly/],
    [{ ...room, audioOnly: true }, 'layout: must be left out with audioOnly: there is nothing to be seen'],
    [{ ...room, channels: 'dual' }, 'channels: must be mixed unless audioOnly is true'],
    [{ ...room, bitrate: 1 }, /^: there is no such field; there are kind, room, layout/],
    [{ ...room, outputs: undefined }, 'outputs: must be a list of outputs'],
    [{ ...room, outputs: [] }, 'outputs: must name an output'],
    [{ ...room, outputs: [outputs.mp4, outputs.hls, outputs.rtmp, outputs.mp4] }, /^outputs: at most one file/],
    [{ ...room, outputs: [{}] }, 'outputs.0.type: must have a type of mp4, ogg, mp3, webm, hls, rtmp, srt'],
    [{ ...room, outputs: [null] }, 'outputs.0: must have a type of mp4, ogg, mp3, webm, hls, rtmp, srt'],
    [
      { ...room, outputs: [{ type: 'avi' }] },
      'outputs.0.type: must have a type of mp4, ogg, mp3, webm, hls, rtmp, srt',
    ],
    [
      { ...room, outputs: [{ type: 'mp4', secret: 'x' }] },
      'outputs.0: there is no such field; there are type, path, storage',
    ],
    [{ ...room, outputs: [{ type: 'hls', segmentSeconds: 0 }] }, 'outputs.0.segmentSeconds: must be at least 1'],
    [{ ...room, outputs: [{ type: 'rtmp', urls: [] }] }, 'outputs.0.urls: must name an address'],
    [{ ...sources.tracks, audioTrack: 'a b', outputs: [outputs.mp4] }, 'audioTrack: must be the id of a track, TR_…'],
    [{ kind: 'tracks', room: 'r', outputs: [outputs.mp4] }, 'audioTrack: must be given, or videoTrack'],
    [{ kind: 'participant', room: 'r', outputs: [outputs.mp4] }, 'identity: must be text of 1 to 256 bytes'],
    [{ kind: 'web', url: 'file:///etc/passwd', outputs: [outputs.mp4] }, 'url: must begin with https:// or http://'],
    [
      { kind: 'web', url: 'http://169.254.169.254/latest', outputs: [outputs.mp4] },
      /^url: must be at a host of the Internet/,
    ],
    [{ kind: 'web', url: 'http://localhost:8081/', outputs: [outputs.mp4] }, /^url: must be at a host of the Internet/],
    [{ kind: 'web', url: 'https://u:p@example.com/', outputs: [outputs.mp4] }, /^url: must not have a user/],
    [{ kind: 'web', url: long(3_001), outputs: [outputs.mp4] }, /^url: must be/],
  ])('R4.1 %j', (request, problem) => {
    expect(problemsOf(request)[0]).toMatch(typeof problem === 'string' ? new RegExp(`^${escaped(problem)}$`) : problem);
  });

  it.each(['', 'http://a', 'rtmp://', 'not an address', `rtmp://host/${long(2_000)}`])(
    'R4.4 an address to send to that is %j, and does not repeat it',
    (url) => {
      const problems = problemsOf({ ...room, outputs: [{ type: 'rtmp', urls: [url] }] });
      expect(problems).toEqual([
        'outputs.0.urls.0: must be an address that begins with rtmp:// or rtmps:// (what came is not shown)',
      ]);
    },
  );
});

const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

const withPath = (path: string, kind: keyof typeof sources = 'room', type = 'mp4') =>
  problemsOf({ ...sources[kind], outputs: [{ type, path }] });

describe('paths', () => {
  it.each([
    ['{room_name}/{id}', []],
    ['show-{time}.mp4', []],
    ['{utc}', []],
    ['show', ['must hold {id}, {time} or {utc}, or the next egress overwrites this one']],
    ['{room_name}.mp4', ['must hold {id}, {time} or {utc}, or the next egress overwrites this one']],
    ['../{id}', ['must not hold empty parts, . or ..']],
    ['a//{id}', ['must not hold empty parts, . or ..']],
    ['/{id}', ['must not begin with /: it lies in the folder of its storage']],
    ['a\\{id}', ['must be one line of visible characters without \\']],
    ['a\n{id}', ['must be one line of visible characters without \\']],
    ['{track_id}-{id}', ['may hold {id}, {room_name}, {room_id}, {time}, {utc} and no other braces']],
    ['{id', ['may hold {id}, {room_name}, {room_id}, {time}, {utc} and no other braces']],
    [`${long(600)}{id}`, ['must have at most 512 characters']],
    ['', ['must be one line of visible characters without \\']],
  ])('R4.1 %j', (path, problems) => {
    expect(withPath(path)).toEqual(problems.map((problem) => `outputs.0.path: ${problem}`));
  });

  it('R4.1 of a track may name the track, of a page not the room', () => {
    expect(withPath('{track_id}-{time}', 'track', 'ogg')).toEqual([]);
    expect(withPath('{room_name}-{time}', 'web')).toHaveLength(1);
  });
});

const order = (request: unknown) => orderOf(egressRequest.parse(request), 'e1', storages);

describe('an order', () => {
  it.each([
    ['room, sound alone', outputs.mp3, 'recordings/e1.mp3'],
    ['room', { type: 'mp4', path: '{room_name}/{id}' }, 'recordings/{room_name}/e1.mp4'],
    ['room', { type: 'mp4', path: '{id}.MP4' }, 'recordings/e1.MP4'],
    ['track', outputs.ogg, 'recordings/e1'],
    ['room', { type: 'mp4', storage: 'disk' }, '/out/e1.mp4'],
  ] as const)('R4.3 %s: %j is kept at %s', (source, output, path) => {
    expect(order({ ...sources[source], outputs: [output] })).toMatchObject({ outputs: [{ path }] });
  });

  it('R4.1 HLS keeps its lists beside its segments', () => {
    expect(order({ ...sources.room, outputs: [outputs.hls] })).toMatchObject({
      outputs: [
        {
          path: 'recordings/e1',
          playlist: 'recordings/e1.m3u8',
          livePlaylist: 'recordings/e1-live.m3u8',
          segmentSeconds: 6,
          storage: 'default',
        },
      ],
    });
  });

  it.each([
    [
      { type: 'mp4', storage: 'attic' },
      'outputs.0.storage',
      'there is no storage of this name; there are default, disk',
    ],
    [{ type: 'mp4', path: '{id}.ogg' }, 'outputs.0.path', 'must end in .mp4, or without an ending'],
  ])('R4.3 %j is refused', (output, field, message) => {
    expect(order({ ...sources.room, outputs: [output] })).toEqual({ field, message });
  });

  it('R4.4 hides the keys of addresses, and is shown without them', () => {
    const made = order({ ...sources.web, outputs: [outputs.rtmps] });
    expect(made).toEqual({
      source: { kind: 'web', url: expect.any(Secret) },
      outputs: [{ type: 'rtmp', urls: [expect.any(Secret)] }],
    });
    if ('field' in made) throw new Error(made.message);
    expect(shownOrder(made)).toEqual({
      source: { kind: 'web', url: 'https://example.com/…' },
      outputs: [{ type: 'rtmp', urls: ['rtmps://live.example.com/app/…'] }],
    });
  });
});

describe('the examples of the documents', () => {
  it.each([
    ['layout grid', { kind: 'room', room: 'streaming-room', layout: 'grid', outputs: [{ type: 'mp4' }] }],
    ['audio_only', { kind: 'room', room: 'streaming-room', audioOnly: true, outputs: [{ type: 'ogg' }] }],
    ['video_only', { kind: 'room', room: 'streaming-room', videoOnly: true, outputs: [{ type: 'mp4' }] }],
  ])('D7.4 %s', (_, request) => {
    expect(problemsOf(request)).toEqual([]);
  });
});
