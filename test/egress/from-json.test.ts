import { describe, expect, it } from 'vitest';
import { livekitEgress } from '../../src/egress.ts';

/** As livekit-server 1.13.5 writes it. */
const webhook = {
  egressId: 'EG_8HnvbkVxiUgf',
  roomId: 'RM_1',
  roomName: 'voice-ai-call_1',
  status: 'EGRESS_COMPLETE',
  startedAt: '1795237876000000000',
  endedAt: '1795237879500000000',
  updatedAt: '1795237879600000000',
  roomComposite: {
    roomName: 'voice-ai-call_1',
    audioOnly: true,
    fileOutputs: [{ fileType: 'OGG', filepath: 'calls/e1.ogg', s3: { accessKey: '{access_key}', secret: '{secret}' } }],
    segmentOutputs: [{ filenamePrefix: 'live/e1', playlistName: 'live/e1.m3u8' }],
  },
  fileResults: [
    { filename: 'calls/e1.ogg', duration: '3500000000', size: '14021', location: 'https://bucket.s3/calls/e1.ogg' },
  ],
  segmentResults: [{ playlistName: 'live/e1.m3u8', playlistLocation: 'https://bucket.s3/live/e1.m3u8', size: '7' }],
  streamResults: [
    { url: 'rtmp://a/{k...y}', status: 'FAILED', error: 'could not connect to rtmp://a/app/the-key: refused' },
    { url: 'rtmp://b/x' },
  ],
  manifestLocation: 'new',
  aFieldOfANewerServer: { x: 1 },
};

describe('what LiveKit says of an egress', () => {
  it('R4.1 D1.7 its state, times in ms, and what is kept where', () => {
    expect(livekitEgress.parse(webhook)).toEqual({
      egressId: 'EG_8HnvbkVxiUgf',
      status: 'complete',
      kind: 'room',
      room: 'voice-ai-call_1',
      paths: ['calls/e1.ogg', 'live/e1'],
      startedAtMs: 1_795_237_876_000,
      endedAtMs: 1_795_237_879_500,
      updatedAtMs: 1_795_237_879_600,
      files: [
        { name: 'calls/e1.ogg', location: 'https://bucket.s3/calls/e1.ogg', sizeBytes: 14_021, durationMs: 3500 },
        { name: 'live/e1.m3u8', location: 'https://bucket.s3/live/e1.m3u8', sizeBytes: 7, durationMs: 0 },
      ],
      streams: [
        { url: 'rtmp://a/{k...y}', status: 'failed', error: 'could not connect to rtmp://a/… refused' },
        { url: 'rtmp://b/x', status: 'active' },
      ],
    });
  });

  it.each([
    [{ egressId: 'EG_1' }, { status: 'starting', kind: 'other', room: '', paths: [], files: [] }],
    [
      { egressId: 'EG_1', status: 4, error: 'no space' },
      { status: 'failed', error: 'no space' },
    ],
    [{ egressId: 'EG_1', status: 'EGRESS_LIMIT_REACHED' }, { status: 'limit_reached' }],
    [
      { egressId: 'EG_1', trackComposite: { roomName: 'r' } },
      { kind: 'tracks', room: 'r' },
    ],
    [
      { egressId: 'EG_1', track: { roomName: 'r', file: { filepath: 'a' } } },
      { kind: 'track', room: 'r', paths: ['a'] },
    ],
    [{ egressId: 'EG_1', participant: { roomName: 'r' } }, { kind: 'participant' }],
    [
      { egressId: 'EG_1', web: {} },
      { kind: 'web', room: '' },
    ],
    [{ egressId: 'EG_1', egress: { roomName: 'r' } }, { kind: 'other' }],
  ])('R4.1 default values are left out, and an enumeration may be a number: %j', (body, info) => {
    expect(livekitEgress.parse(body)).toMatchObject(info);
  });

  it.each([
    [null],
    ['EG_1'],
    [{}],
    [{ egressId: '' }],
    [{ egressId: 'x'.repeat(101) }],
    [{ egressId: 7 }],
    [{ egressId: 'EG_1', status: 'EGRESS_ON_HOLD' }],
    [{ egressId: 'EG_1', status: 9 }],
    [{ egressId: 'EG_1', startedAt: 'now' }],
    [{ egressId: 'EG_1', fileResults: {} }],
    [{ egressId: 'EG_1', fileResults: [{ size: '1e400' }] }],
    [{ egressId: 'EG_1', roomComposite: { fileOutputs: Array.from({ length: 101 }, () => ({})) } }],
  ])('R4.1 %j cannot be read', (body) => {
    expect(livekitEgress.safeParse(body).success).toBe(false);
  });
});
