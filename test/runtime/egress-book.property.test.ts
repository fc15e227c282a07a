import { expect, test } from 'vitest';
import { egressRequest, hasEnded } from '../../src/egress.ts';
import { delaysMs } from '../../src/machines/deadlines.ts';
import type { EgressBook } from '../../src/runtime/egress-book.ts';
import { createEgressBed, type EgressBed } from '../support/egress-bed.ts';
import type { FakeEgress } from '../support/fakes/fake-egress.ts';
import * as fc from '../support/properties.ts';

const outputs = {
  file: [{ type: 'mp4' }],
  stream: [{ type: 'rtmp', urls: ['rtmp://live.example.com/app/key'] }],
};

type Step =
  | { readonly do: 'start'; readonly output: keyof typeof outputs }
  | { readonly do: 'manner'; readonly manner: Parameters<FakeEgress['manner']>[0] }
  | { readonly do: 'down'; readonly isDown: boolean }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'stop' | 'restart' | 'tell' }
  | { readonly do: 'becomes'; readonly status: 'active' | 'complete' | 'failed' | 'gone'; readonly told: boolean };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('start' as const), output: fc.constantFrom('file' as const, 'stream' as const) }),
  fc.record({
    do: fc.constant('manner' as const),
    manner: fc.constantFrom('answers', 'silent', 'hangs', 'lost', 'not_found', 'unavailable') as fc.Arbitrary<never>,
  }),
  fc.record({ do: fc.constant('down' as const), isDown: fc.boolean() }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(0, 1000, 3000, 16_000, 50_000) }),
  fc.record({ do: fc.constantFrom('stop' as const, 'restart' as const, 'tell' as const) }),
  fc.record({
    do: fc.constant('becomes' as const),
    status: fc.constantFrom('active' as const, 'complete' as const, 'failed' as const, 'gone' as const),
    told: fc.boolean(),
  }),
);

/** Plays the steps, then lets LiveKit be well and everything end. */
async function played(steps: readonly Step[]): Promise<EgressBed & { readonly book: EgressBook }> {
  const bed = createEgressBed();
  const { clock, livekit } = bed;
  let book = await bed.open();
  const newest = () => livekit.all().findLast(({ status }) => !hasEnded(status));
  for (const each of steps) {
    if (each.do === 'start')
      void book
        .start(egressRequest.parse({ kind: 'room', room: 'streaming-room', outputs: outputs[each.output] }))
        .catch(() => undefined);
    if (each.do === 'manner') livekit.manner(each.manner);
    if (each.do === 'down') livekit.down(each.isDown);
    if (each.do === 'stop') await book.stop(`e${livekit.orders.length}`);
    if (each.do === 'tell') for (const info of livekit.all()) await book.told(info);
    const info = each.do === 'becomes' ? newest() : undefined;
    const next = each.do === 'becomes' && info ? livekit.becomes(info.egressId, each.status) : undefined;
    if (next && each.do === 'becomes' && each.told) await book.told(next);
    if (each.do === 'restart') {
      await book.close();
      book = await bed.open();
    }
    await clock.advance(each.do === 'wait' ? each.ms : 1);
  }
  livekit.down(false);
  livekit.manner('answers');
  await clock.advance(delaysMs.egressAnswers + delaysMs.egressFound + delaysMs.egressLooked);
  for (const { egressId, status } of livekit.all()) if (!hasEnded(status)) livekit.becomes(egressId, 'complete');
  await clock.advance(delaysMs.egressForgotten + 2 * delaysMs.egressPolled + 1000);
  return { ...bed, book };
}

test('R4.1 whatever is lost, late, down or restarted: an egress is begun once, known by one row, and comes to an end', () =>
  fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
      const { store, livekit, clock, book } = await played(steps);
      const rows = (await book.list({ limit: 200 })).egresses;
      expect(livekit.orders.length).toBeLessThanOrEqual(rows.length);
      const known = rows.flatMap(({ egressId }) => egressId ?? []);
      expect(new Set(known).size).toBe(known.length);
      // What LiveKit has begun is nowhere said not to have begun.
      const orphans = livekit.all().filter(({ egressId }) => !known.includes(egressId));
      expect(orphans.length).toBeLessThanOrEqual(rows.filter(({ state }) => state === 'unknown').length);
      expect(await store.open()).toEqual([]);
      expect(clock.pending()).toBe(0);
      for (const { state } of rows) expect(['refused', 'unknown', 'lost', 'complete', 'failed']).toContain(state);
    }),
    { numRuns: 150 },
  ));
