import { describe, expect, test } from 'vitest';
import type { Egress } from '../../../src/actors/egress.ts';
import { egressRequest, type EgressOrder, type EgressStatus, orderOf, readStorages } from '../../../src/egress.ts';

export interface EgressWorld {
  readonly egress: Egress;
  /** Somebody with a track of sound, `TR_a`, and one of pictures, `TR_v`, is in it. */
  readonly room: string;
  /** Resolves when an egress has come so far. */
  reaches(egressId: string, status: EgressStatus): Promise<void>;
  /** The next start is taken by nobody. */
  withoutRecorder(): void;
}

/** An order as the book would make it. */
export function orderFor(request: object, id = 'e1'): EgressOrder {
  const order = orderOf(egressRequest.parse({ outputs: [{ type: 'mp4' }], ...request }), id, readStorages({}).storages);
  if ('field' in order) throw new Error(order.message);
  return order;
}

const rtmp = 'rtmp://live.example.com/app/the-key';

/** What every `Egress` must do. */
export function egressContract(name: string, open: () => Promise<EgressWorld>): void {
  describe(`${name} as Egress`, () => {
    test.each([
      ['room', { layout: 'grid' }, ['e1.mp4']],
      ['tracks', { audioTrack: 'TR_a', videoTrack: 'TR_v' }, ['e1.mp4']],
      ['participant', { identity: 'streamer' }, ['e1.mp4']],
      ['track', { track: 'TR_a', outputs: [{ type: 'ogg' }] }, ['e1']],
      ['web', { room: undefined, url: 'https://example.com/board' }, ['e1.mp4']],
    ] as const)('R4.1 R4.2 D7.2 begins one of kind %s', async (kind, more, paths) => {
      const { egress, room } = await open();
      const { room: of = room } = { room, ...more } as { room?: string };
      const request = { kind, ...(kind === 'web' ? {} : { room: of }), ...more };
      const info = await egress.start(orderFor(Object.fromEntries(Object.entries(request).filter(([, each]) => each))));
      expect(info).toMatchObject({
        egressId: expect.stringMatching(/^EG_/),
        status: 'starting',
        kind,
        room: kind === 'web' ? '' : room,
        paths,
        files: expect.any(Array),
      });
    });

    test('R4.1 D7.3 several outputs at once, and no key in what it says of them', async () => {
      const { egress, room } = await open();
      const outputs = [{ type: 'mp4' }, { type: 'hls' }, { type: 'rtmp', urls: [rtmp] }];
      const info = await egress.start(orderFor({ kind: 'room', room, outputs }));
      expect(info.paths.toSorted()).toEqual(['e1', 'e1.mp4']);
      expect(JSON.stringify(info)).not.toContain('the-key');
    });

    test('R4.1 lists one, those of a room, and none where there is none', async () => {
      const { egress, room } = await open();
      const { egressId } = await egress.start(orderFor({ kind: 'room', room }));
      expect(await egress.list({ egressId })).toMatchObject([{ egressId, room }]);
      expect(await egress.list({ room })).toMatchObject([{ egressId, room }]);
      expect(await egress.list({ room: 'another-room' })).toEqual([]);
      expect(await egress.list({ egressId: 'EG_none' })).toEqual([]);
    });

    test('R4.1 D1.7 ends one, whose file is then told', async () => {
      const { egress, room, reaches } = await open();
      const order = orderFor({ kind: 'room', room, audioOnly: true, outputs: [{ type: 'ogg' }] });
      const { egressId } = await egress.start(order);
      await reaches(egressId, 'active');
      expect(await egress.stop(egressId)).toMatchObject({ egressId, status: 'ending' });
      await reaches(egressId, 'complete');
      const [info] = await egress.list({ egressId });
      expect(info).toMatchObject({ status: 'complete', files: [{ name: 'e1.ogg' }] });
      expect(info!.files[0]!.location).toMatch(/e1\.ogg$/);
      expect(info!.files[0]!.sizeBytes).toBeGreaterThan(0);
      expect(info!.endedAtMs).toBeGreaterThanOrEqual(info!.startedAtMs);
      await expect(egress.stop(egressId)).rejects.toMatchObject({ code: 'refused', maybeDone: false });
    });

    test('R4.4 changes layout and streams of one that goes on', async () => {
      const { egress, room, reaches } = await open();
      const order = orderFor({ kind: 'room', room, layout: 'grid', outputs: [{ type: 'rtmp', urls: [rtmp] }] });
      const { egressId } = await egress.start(order);
      await reaches(egressId, 'active');
      expect(await egress.updateLayout(egressId, 'speaker')).toMatchObject({ egressId });
      const second = 'rtmp://other.example.com/app/second-key';
      const { streams } = await egress.updateStream(egressId, { add: [second], remove: [] });
      expect(streams.some(({ url }) => url.startsWith('rtmp://'))).toBe(true);
      expect(JSON.stringify(streams)).not.toContain('second-key');
    });

    test.each([
      ['a room that is not there', 'start', { kind: 'room', room: 'nowhere' }],
      ['an egress that is not there', 'stop', undefined],
    ] as const)('R4.1 says not_found of %s', async (_, method, request) => {
      const { egress } = await open();
      const asking = method === 'start' ? egress.start(orderFor(request!)) : egress.stop('EG_none');
      await expect(asking).rejects.toMatchObject({ code: 'not_found' });
    });

    test('R4.1 says that it may have been begun where no recorder took it', async () => {
      const { egress, room, withoutRecorder } = await open();
      withoutRecorder();
      await expect(egress.start(orderFor({ kind: 'room', room }))).rejects.toMatchObject({
        code: 'unavailable',
        maybeDone: true,
        failure: { retryable: false },
      });
      expect(await egress.list({ room })).toEqual([]);
    });
  });
}
