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

const mute = (store: PostureStore): PostureStore => ({
  ...store,
  acknowledge: () => Promise.reject(new Error('away')),
});

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
    expect(await recovery.acknowledge()).toBe('nothing open');
    world.outcomes = noDetour;
    tells('livekit-room', 'unhealthy', refused);
    await clock.settle();
    expect(recovery.view()).toMatchObject({
      posture: { mode: 'failsafe' },
      incidents: [{ target: 'livekit-room', critical: true, failure: refused }],
      waitsFor: { acknowledgement: ['livekit-room'] },
    });
    expect([recovery.acknowledge(), closed]).toEqual([expect.any(Promise), []]);
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
    expect(await recovery.acknowledge()).toBe('busy');
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
    expect(await recovery.acknowledge()).toBe('nothing open');
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

  test('D8.8 an admin says to any of them that it is mended: who waits looks at it, and who is busy does so later', async () => {
    const { clock, hosts } = fleet(3);
    const [asked, waiting, busy] = hosts as [(typeof hosts)[0], (typeof hosts)[0], (typeof hosts)[0]];
    await clock.settle();
    for (const { world, tells } of [waiting, busy]) {
      world.outcomes = noDetour;
      tells('livekit-connect', 'unhealthy', refused);
    }
    await clock.advance(2000);
    busy.world.outcomes = { checkStatus: never };
    busy.tells('groq', 'unhealthy', overloaded);
    await clock.advance(2000);
    expect(asked.recovery.view()).toMatchObject({ incidents: [], elsewhere: ['livekit-connect'] });
    expect(await asked.recovery.acknowledge()).toEqual({ looksAt: ['livekit-connect'] });
    await clock.advance(2000);
    expect([waiting.closed, busy.closed]).toEqual([['livekit-connect'], []]);
    await clock.advance(20_000);
    expect(busy.closed).toEqual(['livekit-connect']);
    expect(hosts.map(({ recovery }) => recovery.view().elsewhere)).toEqual([[], [], []]);
    expect(await asked.recovery.acknowledge()).toBe('nothing open');
  });

  test('D8.8 what was acknowledged once is looked at once, at each of them', async () => {
    const { clock, hosts } = fleet(2);
    await clock.settle();
    for (const { world, tells } of hosts) {
      world.outcomes = noDetour;
      world.failing = async () => [{ target: 'livekit-room', failure: refused }];
      tells('livekit-room', 'unhealthy', refused);
    }
    await clock.advance(2000);
    expect(await hosts[0]!.recovery.acknowledge()).toEqual({ looksAt: ['livekit-room'] });
    await clock.advance(30_000);
    const spared = hosts.map(({ done }) => done.filter(([, work]) => work === 'activateFailsafe').length);
    expect([spared, hosts[0]!.closed]).toEqual([[2, 2], []]);
  });

  test('D8.8 where the others cannot be told, whoever says so hears it', async () => {
    const { clock, hosts } = fleet(2, mute);
    const [asked, waiting] = hosts as [(typeof hosts)[0], (typeof hosts)[0]];
    waiting.world.outcomes = noDetour;
    waiting.tells('livekit-room', 'unhealthy', refused);
    await clock.advance(4000);
    expect(await asked.recovery.acknowledge()).toBe('unshared');
  });

  test('D8.8 who leads next goes on for the sake of the same target, and not until another is well', async () => {
    const { clock, hosts } = fleet(2);
    const [first, second] = hosts as [(typeof hosts)[0], (typeof hosts)[0]];
    await clock.settle();
    first.world.outcomes = noDetour;
    for (const target of ['groq', 'openai'] as const) first.tells(target, 'unhealthy', refused);
    await clock.advance(60_000);
    expect(first.board.now()).toMatchObject({ mode: 'failsafe' });
    second.tells('openai', 'degraded');
    await first.recovery.close();
    await clock.advance(120_000);
    expect(second.board.now()).toMatchObject({ mode: 'failsafe' });
    second.tells('openai', 'healthy');
    await clock.settle();
    expect(second.board.now().mode).toBe('normal');
  });

  test('D8.8 lines are led back from by the instance that leads, once, and the posture tells when they are', async () => {
    const { clock, hosts } = fleet(3);
    await clock.settle();
    for (const { world, tells } of hosts) {
      world.outcomes = { testConnection: fails(refused) };
      tells('sip-gateway', 'unhealthy', { ...refused, class: 'sip' });
    }
    await clock.advance(1000);
    expect(hosts.map(({ board }) => board.now().sipSet)).toEqual(['backup', 'backup', 'backup']);
    for (const { tells } of hosts) tells('sip-gateway', 'healthy');
    await clock.advance(60_000);
    const shared = ['reloadConfig', 'useBackupConfig', 'leadBack'];
    const done = hosts.flatMap((host) => host.done.map(([, work]) => work)).filter((work) => shared.includes(work));
    expect(done).toEqual(shared);
    expect(hosts.map(({ board }) => board.now().sipSet)).toEqual(['primary', 'primary', 'primary']);
  });

  test('D8.8 the posture is written before what it says is done, and is what the leader of this moment wants', async () => {
    const { clock, hosts } = fleet(2);
    const [first, second] = hosts as [(typeof hosts)[0], (typeof hosts)[0]];
    await clock.settle();
    let stood = '';
    first.world.outcomes = {
      testConnection: fails(refused),
      useBackupConfig: async () => {
        expect(await first.recovery.leadsNow()).toBe(true);
        stood = second.board.now().sipSet;
        return { did: 'put' };
      },
    };
    first.tells('sip-gateway', 'unhealthy', { ...refused, class: 'sip' });
    await clock.advance(1000);
    expect([stood, await second.recovery.leadsNow()]).toEqual(['backup', false]);
  });

  test('D8.8 a store that forgot everything is told again, and who begins then is followed though its numbers are low', async () => {
    const clock = createVirtualClock(1_000_000);
    let postures = createMemoryPostures(clock);
    let stores: PostureStore[] = [];
    const through = (index: number) =>
      new Proxy({} as PostureStore, { get: (_, name) => stores[index]![name as keyof PostureStore] });
    const forget = () => {
      postures = createMemoryPostures(clock);
      stores = stores.map(() => postures.open());
    };
    stores = [postures.open(), postures.open(), postures.open()];
    const hosts = [0, 1].map((index) => recoveryHostBench(through(index), clock));
    await clock.settle();
    hosts[0]!.world.outcomes = noDetour;
    hosts[0]!.tells('livekit-room', 'unhealthy', refused);
    await clock.advance(2000);
    const { version } = hosts[1]!.board.now();
    expect(version).toBeGreaterThan(0);

    forget();
    await clock.advance(2000);
    expect(await postures.open().read()).toMatchObject({ version, mode: 'failsafe' });

    forget();
    const fresh = recoveryHostBench(through(2), clock);
    onTestFinished(async () => void (await Promise.all([...hosts, fresh].map(({ recovery }) => recovery.close()))));
    await clock.advance(2000);
    expect(hosts.map(({ board }) => board.now())).toEqual([fresh.board.now(), fresh.board.now()]);
    expect(fresh.board.now().version).toBeLessThan(version);
  });
});
