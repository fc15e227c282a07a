import { describe, expect, test } from 'vitest';
import { egressRoutes } from '../../src/http/egress.ts';
import { createRoomBook } from '../../src/runtime/own-rooms.ts';
import { ask as askOf } from '../support/control-door.ts';
import { doorOf } from '../support/door.ts';
import { createEgressBed } from '../support/egress-bed.ts';

const rtmp = 'rtmps://live.example.com/app/canary-key';
const recording = { kind: 'room', room: 'streaming-room', layout: 'grid', outputs: [{ type: 'mp4' }] };
const streaming = { ...recording, outputs: [{ type: 'rtmp', urls: [rtmp] }] };

async function opened() {
  const bed = createEgressBed();
  const book = await bed.open();
  const rooms = createRoomBook({
    own: { prefix: 'voice-ai-call', declared: ['streaming-room'] },
    callsIn: async () => [],
  });
  const door = doorOf(egressRoutes({ egresses: book, book: rooms }));
  const ask = async (...asked: [method: string, path: string, body?: unknown, more?: Record<string, string>]) => {
    const asking = askOf(door, ...asked);
    await bed.clock.advance(100);
    return asking;
  };
  return { ...bed, book, ask };
}

describe('POST /v1/egress', () => {
  test('D7.2 D7.4 R4.1 begins one, and shows what is kept where', async () => {
    const { ask } = await opened();
    expect(await ask('POST', '/v1/egress', recording)).toMatchObject({
      status: 201,
      body: {
        id: 'e1',
        egressId: 'EG_1',
        state: 'starting',
        source: { kind: 'room', room: 'streaming-room', layout: 'grid' },
        outputs: [{ type: 'mp4', path: 'e1.mp4', storage: 'local' }],
        files: [],
      },
    });
  });

  test('R4.1 202 when LiveKit does not say whether it begins', async () => {
    const { ask, livekit } = await opened();
    livekit.manner('lost');
    expect(await ask('POST', '/v1/egress', recording)).toMatchObject({
      status: 202,
      body: { state: 'finding', why: 'Egress: timeout' },
    });
  });

  test('R4.1 202 after 5 s when LiveKit says nothing', async () => {
    const { ask, livekit, clock } = await opened();
    livekit.manner('hangs');
    const asking = ask('POST', '/v1/egress', recording);
    await clock.advance(5000);
    expect(await asking).toMatchObject({ status: 202, body: { state: 'asking' } });
  });

  test('R4.1 the same Idempotency-Key begins one', async () => {
    const { ask, livekit } = await opened();
    const key = { 'idempotency-key': '7f3c8a52-3f0e-4c5e-9d0a-1f2b3c4d5e6f' };
    const first = await ask('POST', '/v1/egress', recording, key);
    const second = await ask('POST', '/v1/egress', recording, key);
    expect(second.body).toEqual(first.body);
    expect(livekit.orders).toHaveLength(1);
  });

  test.each([
    [
      { ...recording, outputs: [{ type: 'dash' }] },
      400,
      'invalid',
      'outputs.0.type',
      'LiveKit makes no DASH: take hls',
    ],
    [
      { ...recording, outputs: [{ type: 'webm' }] },
      400,
      'invalid',
      'outputs.0.type',
      /^WebM comes of a single track alone/,
    ],
    [
      { ...recording, outputs: [{ type: 'ogg' }] },
      400,
      'invalid',
      'outputs.0.type',
      /^ogg holds sound alone: take mp4/,
    ],
    [
      { ...recording, outputs: [{ type: 'mp4', storage: 'x' }] },
      400,
      'livekit_invalid',
      'outputs.0.storage',
      /there are local$/,
    ],
    [{ ...recording, outputs: [{ type: 'mp4', path: 'a' }] }, 400, 'invalid', 'outputs.0.path', /overwrites/],
    [{ ...recording, room: 'boardroom' }, 403, 'room_foreign', 'room', /none of ours/],
    [{ kind: 'web', url: 'http://10.0.0.1/', outputs: [{ type: 'mp4' }] }, 400, 'invalid', 'url', /is private$/],
    [null, 400, 'invalid', 'body', /must have a kind/],
  ])('R4.1 %j is refused before LiveKit sees it', async (request, status, code, field, title) => {
    const { ask, livekit } = await opened();
    const answer = await ask('POST', '/v1/egress', request);
    expect(answer).toMatchObject({ status, body: { code, field } });
    expect(answer.body.title).toMatch(title);
    expect(livekit.asked).toEqual([]);
  });

  test.each([
    ['not_found', 404, 'livekit_not_found'],
    ['unauthorized', 502, 'livekit_unauthorized'],
    ['rate', 429, 'livekit_rate'],
    ['invalid', 400, 'livekit_invalid'],
  ] as const)('R4.1 says LiveKit’s refusal: %s', async (manner, status, code) => {
    const { ask, livekit } = await opened();
    livekit.manner(manner);
    expect(await ask('POST', '/v1/egress', recording)).toMatchObject({ status, body: { code, retryable: false } });
  });

  test('R4.4 R8.1 repeats no key of an address, whatever is wrong', async () => {
    const { ask } = await opened();
    const wrong = {
      ...recording,
      outputs: [
        { type: 'srt', urls: [rtmp] },
        { type: 'rtmp', urls: [rtmp, rtmp] },
      ],
    };
    const answers = [
      await ask('POST', '/v1/egress', streaming),
      await ask('POST', '/v1/egress', wrong),
      await ask('POST', '/v1/egress/e1/streams', { add: [`http://${rtmp}`], remove: [] }),
      await ask('GET', '/v1/egress'),
    ];
    expect(answers.map(({ status }) => status)).toEqual([201, 400, 400, 200]);
    expect(answers.filter(({ text }) => text.includes('canary'))).toEqual([]);
  });
});

describe('an egress', () => {
  test('R4.1 is listed, newest first, page by page', async () => {
    const { ask } = await opened();
    for (let count = 0; count < 3; count += 1) await ask('POST', '/v1/egress', recording); // oxlint-disable-line no-await-in-loop
    const first = await ask('GET', '/v1/egress?limit=2');
    expect(first.body.egress.map(({ id }: { id: string }) => id)).toEqual(['e3', 'e2']);
    const rest = await ask('GET', `/v1/egress?limit=2&before=${first.body.next}`);
    expect(rest.body).toMatchObject({ egress: [{ id: 'e1' }] });
    expect(rest.body).not.toHaveProperty('next');
  });

  test('R4.1 is looked at, changed and ended', async () => {
    const { ask, livekit, book } = await opened();
    await ask('POST', '/v1/egress', streaming);
    await book.told(livekit.becomes('EG_1', 'active', { startedAtMs: 5 })!);
    expect(await ask('GET', '/v1/egress/e1')).toMatchObject({ status: 200, body: { state: 'active', startedAt: 5 } });
    expect(await ask('POST', '/v1/egress/e1/layout', { layout: 'speaker' })).toMatchObject({ status: 200 });
    const more = { add: ['rtmp://other.example.com/app/key'] };
    expect(await ask('POST', '/v1/egress/e1/streams', more)).toMatchObject({ status: 200, body: { streams: [{}] } });
    expect(await ask('DELETE', '/v1/egress/e1')).toMatchObject({ status: 202 });
    expect(await ask('GET', '/v1/egress/e1')).toMatchObject({ body: { state: 'ending' } });
    expect(await ask('DELETE', '/v1/egress/e1')).toMatchObject({ status: 202 });
  });

  test.each([
    ['GET', '/v1/egress/none', undefined],
    ['DELETE', '/v1/egress/none', undefined],
    ['POST', '/v1/egress/none/layout', { layout: 'grid' }],
    ['POST', '/v1/egress/none/streams', { add: [rtmp] }],
    ['GET', `/v1/egress/${encodeURIComponent('é\u0000/..')}`, undefined],
  ] as const)('R4.1 %s %s: there is none', async (method, path, body) => {
    const { ask } = await opened();
    expect(await ask(method, path, body)).toMatchObject({ status: 404, body: { code: 'egress_unknown' } });
  });

  test.each([
    ['layout', {}],
    ['layout', { layout: 'mosaic' }],
    ['layout', { layout: 'grid', audioOnly: true }],
    ['streams', {}],
    ['streams', { add: 'x' }],
    ['streams', { add: ['x'.repeat(2_001)] }],
    ['streams', { add: Array.from({ length: 21 }, (_, index) => `${rtmp}${index}`) }],
    ['streams', null],
  ])('R4.1 %s of %j cannot be read', async (what, body) => {
    const { ask, livekit } = await opened();
    await ask('POST', '/v1/egress', streaming);
    expect(await ask('POST', `/v1/egress/e1/${what}`, body)).toMatchObject({ status: 400, body: { code: 'invalid' } });
    expect(livekit.asked).toEqual(['start']);
  });

  test('R4.1 that is over is not changed', async () => {
    const { ask, livekit, book } = await opened();
    await ask('POST', '/v1/egress', recording);
    await book.told(livekit.becomes('EG_1', 'complete')!);
    expect(await ask('POST', '/v1/egress/e1/layout', { layout: 'grid' })).toMatchObject({
      status: 409,
      body: { code: 'livekit_refused', title: expect.stringContaining('over') },
    });
  });
});
