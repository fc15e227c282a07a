import { afterEach, describe, expect, test } from 'vitest';
import type { Glance, Probe } from '../../../src/actors/probe.ts';
import type { Failure } from '../../../src/failure.ts';
import { followHealth } from '../../../src/runtime/health/follow.ts';
import { createHealthWatch, type HealthWatch } from '../../../src/runtime/health/watch.ts';
import { createHub } from '../../../src/runtime/hub.ts';
import type { Sighting, StatusChange } from '../../../src/runtime/notices.ts';
import type { Target } from '../../../src/targets.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const startMs = 1_800_000_000_000;
const down: Failure = { vendor: 'x', phase: 'connect', class: 'network', retryable: true, message: 'ECONNREFUSED' };

let open: HealthWatch[] = [];
afterEach(async () => {
  await Promise.all(open.map((each) => each.close()));
  open = [];
});

/** A watch over targets that answer as they are told; when each was looked at, and what changed. */
function watched(targets: readonly Target[] = ['redis'], random = () => 0.5) {
  const clock = createVirtualClock(startMs);
  const answers = new Map<Target, Omit<Glance, 'tookMs'>>();
  const looks: { readonly target: Target; readonly atMs: number }[] = [];
  let held: PromiseWithResolvers<Glance> | undefined;
  const probes = targets.map((target): Probe => ({
    target,
    operation: 'PING',
    async look(signal) {
      looks.push({ target, atMs: clock.now() - startMs });
      signal.addEventListener('abort', () => held?.resolve({ tookMs: 0, failure: down }));
      return held?.promise ?? { tookMs: 3, ...answers.get(target) };
    },
  }));
  const sightings = createHub<Sighting>((error) => expect.fail(String(error)));
  const statuses = createHub<StatusChange>((error) => expect.fail(String(error)));
  const changes: StatusChange[] = [];
  const seen: Sighting[] = [];
  statuses.listen((change) => changes.push(change));
  sightings.listen((sighting) => seen.push(sighting));
  const watch = createHealthWatch({ probes, sightings, statuses, clock, random });
  open.push(watch);
  return {
    clock,
    watch,
    changes,
    seen,
    answer: (target: Target, glance: Omit<Glance, 'tookMs'>) => void answers.set(target, glance),
    hang: () => void (held = Promise.withResolvers()),
    use: (failure?: Failure, more: Partial<Sighting> = {}) =>
      sightings.tell({
        target: targets[0]!,
        by: 'use',
        at: clock.now(),
        tookMs: 1,
        operation: 'GetParticipant',
        ...(failure && { failure }),
        ...more,
      }),
    at: (target: Target = targets[0]!) => looks.filter((look) => look.target === target).map(({ atMs }) => atMs),
    status: (target: Target = targets[0]!) => watch.view().targets.find((each) => each.target === target)?.status,
  };
}

describe('looks', () => {
  test('D5.1 at the start, then every 60 s, each target by itself', async () => {
    const { clock, at, seen } = watched(['redis', 'deepgram']);
    await clock.advance(181_000);
    expect(at('redis')).toEqual([500, 60_500, 120_500, 180_500]);
    expect(at('deepgram')).toEqual(at('redis'));
    expect(seen[0]).toEqual({ target: 'redis', by: 'probe', at: startMs + 500, tookMs: 3, operation: 'PING' });
  });

  test('D5.1 R9.5 with jitter, so that instances and targets keep apart', async () => {
    const numbers = [0, 0.999, 0.2];
    let next = 0;
    const { clock, at } = watched(['redis'], () => numbers[next++ % 3]!);
    await clock.advance(300_000);
    const gaps = at().map((ms, index) => ms - (at()[index - 1] ?? 0));
    expect(gaps.map(Math.round)).toEqual([0, 65_988, 56_400, 54_000, 65_988, 56_400]);
  });

  test('D5.1 at once when a call meets with a failure, and never more often than every 5 s', async () => {
    const { clock, at, use } = watched();
    await clock.advance(30_000);
    use(down);
    await clock.settle();
    await clock.advance(0);
    expect(at()).toEqual([500, 30_000]);
    for (let second = 0; second < 20; second += 1) {
      for (let times = 0; times < 50; times += 1) use(down);
      // oxlint-disable-next-line no-await-in-loop
      await clock.advance(1_000);
    }
    expect(at()).toEqual([500, 30_000, 35_000, 40_000, 45_000, 50_000]);
  });

  test('D5.1 one that hangs is not joined by another', async () => {
    const { clock, at, use, hang } = watched();
    hang();
    await clock.advance(1_000);
    for (let second = 0; second < 60; second += 1) {
      use(down);
      // oxlint-disable-next-line no-await-in-loop
      await clock.advance(1_000);
    }
    expect(at()).toEqual([500]);
  });

  test('what fails is looked at again after 5 s, what is away every 15 s, and what comes back again after 5 s', async () => {
    const { clock, at, answer, changes } = watched();
    await clock.advance(1_000);
    answer('redis', { failure: down });
    await clock.advance(100_000);
    expect(at()).toEqual([500, 60_500, 65_500, 80_500, 95_500]);
    answer('redis', {});
    await clock.advance(20_000);
    expect(at().slice(5)).toEqual([110_500, 115_500]);
    expect(changes).toEqual([
      { target: 'redis', status: 'healthy', from: 'unknown', at: startMs + 500 },
      { target: 'redis', status: 'unhealthy', from: 'healthy', at: startMs + 65_500, failure: down },
      { target: 'redis', status: 'healthy', from: 'unhealthy', at: startMs + 115_500 },
    ]);
  });

  test('end with the watch: nothing is waited for, nothing is told any more', async () => {
    const { clock, watch, hang, seen, at } = watched();
    hang();
    await clock.advance(1_000);
    await watch.close();
    await clock.advance(120_000);
    expect([seen, at(), clock.pending()]).toEqual([[], [500], 0]);
  });
});

describe('what is told', () => {
  test('D5.4 each change of a status once, whoever saw it', async () => {
    const { clock, use, changes, status } = watched();
    await clock.advance(1_000);
    for (let times = 0; times < 9; times += 1) use(down);
    expect(status()).toBe('unhealthy');
    expect(changes.map(({ from, status }) => [from, status])).toEqual([
      ['unknown', 'healthy'],
      ['healthy', 'degraded'],
      ['degraded', 'unhealthy'],
    ]);
  });

  test('of LiveKit’s other host nothing counts', async () => {
    const { clock, use, status, at } = watched(['livekit-room']);
    await clock.advance(1_000);
    for (let times = 0; times < 9; times += 1) use(down, { elsewhere: true });
    await clock.advance(10_000);
    expect([status(), at()]).toEqual(['healthy', [500]]);
  });

  test('what calls told lapses by itself, and that is told', async () => {
    const { clock, use, changes } = watched();
    await clock.advance(1_000);
    for (let times = 0; times < 9; times += 1) use(down);
    await clock.advance(400_000);
    expect(changes.at(-1)).toMatchObject({ from: 'unhealthy', status: 'healthy' });
  });

  test('what was never there by design is no fault; what was there and is no more, is one', async () => {
    const { clock, answer, changes, status, watch } = watched(['livekit-egress']);
    answer('livekit-egress', { absent: 'this LiveKit does not offer it' });
    await clock.advance(130_000);
    expect([status(), changes, watch.view().status]).toEqual(['unknown', [], 'pass']);
    answer('livekit-egress', {});
    await clock.advance(60_000);
    answer('livekit-egress', { absent: 'this LiveKit does not offer it' });
    await clock.advance(70_000);
    expect(changes.map(({ status }) => status)).toEqual(['healthy', 'degraded']);
    expect(changes.at(-1)?.failure?.message).toBe('this LiveKit does not offer it any more');
  });
});

test('what is not there by design is so again after LiveKit itself was away, and that is told', async () => {
  const { clock, answer, changes, status, watch } = watched(['livekit-egress']);
  answer('livekit-egress', { absent: 'this LiveKit does not offer it' });
  await clock.advance(70_000);
  answer('livekit-egress', { failure: down });
  await clock.advance(130_000);
  expect(status()).toBe('unhealthy');
  answer('livekit-egress', { absent: 'this LiveKit does not offer it' });
  await clock.advance(70_000);
  expect([status(), watch.view().status]).toEqual(['unknown', 'pass']);
  expect(changes.at(-1)).toMatchObject({ from: 'unhealthy', status: 'healthy' });
  expect(changes.at(-1)).not.toHaveProperty('failure');
});

describe('whoever follows', () => {
  test('R7.5 has the view of now at once, then one after changes, at most one a second', async () => {
    const { clock, watch, use } = watched();
    const stop = new AbortController();
    const views = followHealth(watch, { clock, signal: stop.signal });
    expect((await views.next()).value).toMatchObject({ seq: 1, status: 'warn', targets: [{ status: 'unknown' }] });
    let came = 0;
    const next = views.next().then(({ value }) => ((came = clock.now() - startMs), value));
    await clock.advance(600);
    for (let times = 0; times < 9; times += 1) use(down);
    await clock.advance(399);
    expect(came).toBe(0);
    await clock.advance(1);
    expect([came, await next]).toMatchObject([1_000, { seq: 2, targets: [{ status: 'unhealthy' }] }]);
    const end = views.next();
    stop.abort();
    expect((await end).done).toBe(true);
  });
});
