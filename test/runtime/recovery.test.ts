import { describe, expect, onTestFinished, test } from 'vitest';
import { createMemoryPostures } from '../../src/adapters/memory/posture-store.ts';
import type { PostureStore } from '../../src/runtime/posture-store.ts';
import {
  fails,
  never,
  overloaded,
  recoveryHostBench,
  recoveryInput,
  refused,
  spent,
} from '../support/recovery-harness.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

/** Instances on one store, on virtual time. */
function fleet(count: number, wrap: (store: PostureStore) => PostureStore = (store) => store) {
  const clock = createVirtualClock(1_000_000);
  const postures = createMemoryPostures(clock);
  const hosts = Array.from({ length: count }, () => recoveryHostBench(wrap(postures.open()), clock));
  onTestFinished(async () => void (await Promise.all(hosts.map(({ recovery }) => recovery.close()))));
  return { clock, hosts, [Symbol.iterator]: () => hosts[Symbol.iterator]() };
}

const noDetour = { retryAccess: fails(refused), switchToBackup: fails(refused) };

describe('the host of recovery', () => {
  test('D8.4 what recovery decides is the posture, by the next turn, and is led back from', async () => {
    const { clock, hosts } = fleet(1);
    const { world, tells, board, recovery, lines } = hosts[0]!;
    await clock.settle();
    world.outcomes = { retryApi: fails(spent) };
    tells('openai', 'unhealthy', overloaded);
    await clock.advance(500);
    const at = clock.now();
    expect(board.now()).toMatchObject({ version: 1, since: at, mode: 'normal', avoid: ['openai'] });
    expect(recovery.view()).toMatchObject({
      value: { course: { running: 'monitoring' }, standing: 'kept' },
      leads: true,
      waitsFor: { work: [], acknowledgement: [], health: ['openai'] },
      journal: [{ box: 'checkingStatus' }, { box: 'retryingWithBackoff', failure: spent }, { at, did: 'useFallback' }],
    });
    expect(lines.map(({ code }) => code)).toContain('posture.changed');
    tells('openai', 'healthy');
    await clock.advance(59_999);
    expect(board.now().version).toBe(1);
    await clock.advance(1);
    expect(board.now()).toMatchObject({ version: 2, since: at + 60_000, avoid: [] });
  });

  test('D8.8 what is open is seen, acknowledged, and told when it is over', async () => {
    const { clock, hosts } = fleet(1);
    const { world, tells, recovery, closed } = hosts[0]!;
    expect(recovery.acknowledge()).toBe('nothing open');
    world.outcomes = noDetour;
    tells('livekit-room', 'unhealthy', refused);
    await clock.settle();
    expect(recovery.view()).toMatchObject({
      posture: { mode: 'failsafe' },
      incidents: [{ target: 'livekit-room', critical: true, failure: refused }],
      waitsFor: { acknowledgement: ['livekit-room'] },
    });
    expect([recovery.acknowledge(), closed]).toEqual(['taken', []]);
    await clock.settle();
    expect([recovery.view().incidents, closed]).toEqual([[], ['livekit-room']]);
  });

  test('D8.8 while something else is mended nothing can be acknowledged', async () => {
    const { clock, hosts } = fleet(1);
    const { world, tells, recovery } = hosts[0]!;
    await clock.settle();
    world.outcomes = noDetour;
    tells('livekit-room', 'unhealthy', refused);
    await clock.settle();
    world.outcomes = { checkStatus: never };
    tells('groq', 'unhealthy', overloaded);
    expect(recovery.acknowledge()).toBe('busy');
    expect(recovery.view().waitsFor.work).toEqual(['checkStatus']);
  });

  test('that it stopped by an error of our own is told, and harms nobody', async () => {
    const clock = createVirtualClock(1_000_000);
    const store = createMemoryPostures(clock).open();
    const input = { ...recoveryInput, kinds: undefined as never };
    const { tells, stops, recovery, lines, board } = recoveryHostBench(store, clock, {}, input);
    onTestFinished(() => recovery.close());
    await clock.settle();
    tells('openai', 'unhealthy', refused);
    await clock.advance(10_000);
    expect([stops, board.now().version]).toEqual([['stopped'], 0]);
    expect(lines.map(({ code }) => code)).toContain('recovery.stopped');
    tells('groq', 'unhealthy', refused);
    expect(recovery.acknowledge()).toBe('nothing open');
  });

  test('D5.3 whoever looks sees it as it is and after each change; a slow reader misses what was in between', async () => {
    const { clock, hosts } = fleet(1);
    const { tells, recovery } = hosts[0]!;
    await clock.settle();
    const reading = new AbortController();
    const views = recovery.views(reading.signal)[Symbol.asyncIterator]();
    const first = await views.next();
    tells('openai', 'degraded');
    tells('groq', 'degraded');
    const second = await views.next();
    expect(first.value!.statuses).toEqual({});
    expect(Object.keys(second.value!.statuses)).toEqual(['openai', 'groq']);
    expect(second.value!.seq).toBeGreaterThan(first.value!.seq);
    const third = views.next();
    reading.abort();
    expect(await third).toMatchObject({ done: true });
  });
});

describe('several instances, one posture', () => {
  test('D8.8 one writes it, all have it, and what the others want is not written', async () => {
    const { clock, hosts } = fleet(3);
    await clock.settle();
    const leading = hosts.filter(({ recovery }) => recovery.view().leads);
    expect(leading).toHaveLength(1);
    const others = hosts.filter((each) => !leading.includes(each));
    for (const { world, tells } of others) {
      world.outcomes = noDetour;
      tells('livekit-room', 'unhealthy', refused);
    }
    await clock.advance(10_000);
    expect(hosts.map(({ board }) => board.now().mode)).toEqual(['normal', 'normal', 'normal']);
    leading[0]!.world.outcomes = noDetour;
    leading[0]!.tells('livekit-room', 'unhealthy', refused);
    await clock.settle();
    const [posture, ...rest] = hosts.map(({ board }) => board.now());
    expect(posture).toMatchObject({ version: 1, mode: 'failsafe' });
    expect(rest).toEqual([posture, posture]);
  });

  test('D8.8 who leads next keeps what stands for a minute, then leads back from it', async () => {
    const { clock, hosts } = fleet(2);
    const [first, second] = hosts as [(typeof hosts)[0], (typeof hosts)[0]];
    await clock.settle();
    first.world.outcomes = { retryApi: fails(spent) };
    first.tells('groq', 'unhealthy', overloaded);
    await clock.advance(500);
    await first.recovery.close();
    second.tells('groq', 'healthy');
    await clock.advance(2000);
    expect(second.recovery.view().leads).toBe(true);
    expect(second.board.now()).toMatchObject({ version: 1, avoid: ['groq'] });
    await clock.advance(57_000);
    expect(second.board.now().avoid).toEqual(['groq']);
    await clock.advance(3000);
    expect(second.board.now()).toMatchObject({ version: 2, avoid: [] });
  });

  test('D8.8 whose recovery has stopped leads no longer: another does, and leads back from what stands', async () => {
    const clock = createVirtualClock(1_000_000);
    const postures = createMemoryPostures(clock);
    const broken = recoveryHostBench(postures.open(), clock, {}, { ...recoveryInput, kinds: undefined as never });
    await clock.settle();
    const sound = recoveryHostBench(postures.open(), clock);
    onTestFinished(async () => void (await Promise.all([broken, sound].map(({ recovery }) => recovery.close()))));
    expect(broken.recovery.view().leads).toBe(true);
    broken.tells('openai', 'unhealthy', refused);
    await clock.advance(15_000);
    expect([broken.stops, broken.recovery.view().leads, sound.recovery.view().leads]).toEqual([
      ['stopped'],
      false,
      true,
    ]);
    sound.world.outcomes = noDetour;
    sound.tells('livekit-room', 'unhealthy', refused);
    await clock.advance(3000);
    expect(broken.board.now()).toMatchObject({ version: 1, mode: 'failsafe' });
  });

  test('D8.8 a leader that cannot reach the store writes nothing and leads no more; the posture stands as it was', async () => {
    let isAway = false;
    const reachable = (store: PostureStore): PostureStore => ({
      ...store,
      lead: (ms) => (isAway ? Promise.reject(new Error('away')) : store.lead(ms)),
    });
    const { clock, hosts } = fleet(1, reachable);
    const { world, tells, board, recovery, lines } = hosts[0]!;
    await clock.settle();
    isAway = true;
    world.outcomes = noDetour;
    tells('livekit-room', 'unhealthy', refused);
    await clock.advance(30_000);
    expect([board.now().version, recovery.view().leads]).toEqual([0, false]);
    isAway = false;
    await clock.advance(2000);
    expect([board.now().mode, recovery.view().leads]).toEqual(['failsafe', true]);
    const codes = lines.map(({ code }) => code).filter((code) => /^posture\.(un)?shared/.test(code));
    expect(codes).toEqual(['posture.unshared', 'posture.shared']);
  });
});
