import { expect, onTestFinished, test } from 'vitest';
import { createMemoryPostures } from '../../src/adapters/memory/posture-store.ts';
import type { Failure } from '../../src/failure.ts';
import { createHealthWatch } from '../../src/runtime/health/watch.ts';
import { foldUses } from '../../src/runtime/health/uses-of-calls.ts';
import { createHub } from '../../src/runtime/hub.ts';
import type { CallNotice, Sighting } from '../../src/runtime/notices.ts';
import { recoveryHostBench } from '../support/recovery-harness.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const reset: Failure = {
  vendor: 'openai',
  phase: 'stream',
  class: 'network',
  retryable: true,
  errno: 'ECONNRESET',
  message: 'reset in the middle of an answer',
};

/** Health and recovery of an instance whose vendors answer every look, and calls that say how it went. */
function watched() {
  const clock = createVirtualClock(1_800_000_000_000);
  const bench = recoveryHostBench(createMemoryPostures(clock).open(), clock);
  const sightings = createHub<Sighting>((error) => expect.fail(String(error)));
  const probes = (['openai', 'groq'] as const).map((target) => ({
    target,
    operation: 'GET /models',
    look: async () => ({ tookMs: 3 }),
  }));
  const watch = createHealthWatch({ probes, sightings, statuses: bench.statuses, clock, random: () => 0.5 });
  onTestFinished(async () => {
    await watch.close();
    await bench.recovery.close();
  });
  const notice = foldUses(sightings.tell);
  const tell = (callKey: string, data: object) =>
    notice({
      call: { callKey, room: 'room', epoch: 1, agent: 'tester' },
      draft: { at: clock.now(), kind: 'event', data },
    } as unknown as CallNotice);
  return {
    clock,
    bench,
    asks(callKey: string, failure?: Failure) {
      tell(callKey, { to: 'call', type: 'model.requested', vendor: 'openai' });
      tell(
        callKey,
        failure ? { to: 'call', type: 'model.failed', failure } : { to: 'call', type: 'model.first_token' },
      );
    },
  };
}

test('D8.4 D5.2 a vendor that answers looks and breaks off in calls is asked after the others for a minute at least, and again', async () => {
  const { clock, bench, asks } = watched();
  await clock.advance(2000);
  for (const call of ['a', 'b', 'c', 'd', 'e']) asks(call, reset);
  await clock.advance(1000);
  const since = clock.now();
  expect(bench.board.now()).toMatchObject({ mode: 'normal', avoid: ['openai'] });
  expect(bench.recovery.view().journal).toMatchObject([
    { box: 'checking', target: 'openai' },
    { box: 'reconnecting', did: 'reconnect' },
    { box: 'usingFallbackApi', did: 'useFallback' },
  ]);
  for (const call of ['f', 'g']) asks(call);
  await clock.advance(57_000);
  expect(bench.board.now().avoid).toEqual(['openai']);
  await clock.advance(4000);
  expect([bench.board.now().avoid, bench.board.now().since - since > 57_000]).toEqual([[], true]);
});

test('D8.4 what calls told is forgotten after five minutes without a use: then it has another chance', async () => {
  const { clock, bench, asks } = watched();
  await clock.advance(2000);
  for (const call of ['a', 'b', 'c', 'd', 'e']) asks(call, reset);
  await clock.advance(290_000);
  expect(bench.board.now().avoid).toEqual(['openai']);
  await clock.advance(30_000);
  expect(bench.board.now().avoid).toEqual([]);
});
