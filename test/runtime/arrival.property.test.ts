import { describe, expect, test } from 'vitest';
import { createCaller, createIntakeBed, type BedOptions, type Fate, type IntakeBed } from '../support/intake-bed.ts';
import type { RepairKind } from '../../src/runtime/reconciler-work.ts';
import * as fc from '../support/properties.ts';

const isSuite = process.env['VOICECHART_SUITE'] === '1';
const traces = isSuite ? 2000 : 30;

const fates = fc.array(
  fc.record({
    dropped: fc.nat(9).map((n) => n < 3),
    delayMs: fc.oneof(fc.constant(5), fc.nat(8000)),
    againMs: fc.option(fc.nat(9000), { nil: undefined }),
  }),
  { minLength: 40, maxLength: 40 },
);

const callers = fc.array(
  fc.record({
    at: fc.nat(6000),
    staysMs: fc.option(fc.constantFrom(150, 900, 2500, 6000, 25_000), { nil: undefined }),
    reconnects: fc.array(
      fc.record({ at: fc.integer({ min: 50, max: 30_000 }), gapMs: fc.integer({ min: 50, max: 900 }) }),
      {
        maxLength: 2,
      },
    ),
  }),
  { minLength: 1, maxLength: 3 },
);

const crashes = fc.array(
  fc.record({
    step: fc.integer({ min: 1, max: 120 }),
    when: fc.constantFrom('before' as const, 'after' as const),
    downMs: fc.integer({ min: 200, max: 4000 }),
  }),
  // A call that takes three processes with it is given up.
  { maxLength: 2 },
);

const deaths = fc.array(fc.record({ at: fc.nat(20_000), downMs: fc.integer({ min: 100, max: 8000 }) }), {
  maxLength: 1,
});
/** An empty list is told once all calls have begun: of one that has not, LiveKit is believed that nobody is there any more. */
const lies = fc.option(
  fc.oneof(
    fc.record({ at: fc.nat(25_000), ms: fc.nat(10_000), kind: fc.constant('error' as const) }),
    fc.record({
      at: fc.integer({ min: 26_000, max: 40_000 }),
      ms: fc.nat(10_000),
      kind: fc.constant('empty' as const),
    }),
  ),
  { nil: undefined },
);

const trace = fc.record({ fates, callers, crashes, deaths, lies });

type Trace = typeof trace extends fc.Arbitrary<infer T> ? T : never;

/** Plays a trace to its end and until everything has settled: which callers talk, and what became of the calls of the others. */
async function play({ callers: people, deaths: dying, lies: lying }: Trace, options: BedOptions) {
  const bed = createIntakeBed(options);
  const { clock, livekit } = bed;
  const all = people.map(({ at, staysMs, reconnects }, number) => {
    const caller = createCaller(bed, `c${number}`);
    clock.setTimeout(caller.call, at);
    for (const again of reconnects)
      if (staysMs === undefined || again.at < staysMs)
        clock.setTimeout(() => caller.reconnect(again.gapMs), at + again.at);
    if (staysMs !== undefined) clock.setTimeout(caller.hangUp, at + staysMs);
    return caller;
  });
  for (const { at, downMs } of dying) clock.setTimeout(() => void livekit.restart(downMs), at);
  if (lying) {
    clock.setTimeout(() => livekit.lies(lying.kind), lying.at);
    clock.setTimeout(() => livekit.lies(undefined), lying.at + lying.ms);
  }
  await clock.advance(160_000);
  const open = (await bed.store.list()).map(({ callKey }) => callKey);
  const ends = await Promise.all(all.map(({ callKey }) => endsOf(bed, callKey)));
  const final = all.map(({ callKey, room, state }, at) => {
    const host = bed.hosts().filter((each) => each.callKey === callKey);
    const bots = livekit.inRoom(room).filter(({ kind }) => kind === 'agent');
    const bound = host[0]?.context().caller?.sid;
    if (state.wants && state.cutOff) return 'cut off';
    if (state.wants)
      return host.length === 1 && bots.length === 1 && bound === state.sid ? 'talks' : 'waits for nobody';
    if (host.length + bots.length > 0 || open.includes(callKey)) return 'goes on without a caller';
    return ends[at];
  });
  bed.close();
  return { final, wrong: bed.wrong, repaired: bed.repaired, begun: bed.begun };
}

/** A call that has begun has one end in its log. */
async function endsOf({ log }: IntakeBed, callKey: string): Promise<string> {
  const milestones = (await log.read(callKey)).flatMap(({ kind, data }) => (kind === 'call' ? [data.what] : []));
  const ends = milestones.filter((what) => what === 'ended').length;
  return ends === (milestones.length > 0 ? 1 : 0) ? 'over' : `over, with ${ends} ends in its log`;
}

const faults = ({ fates: list, crashes: dying }: Trace): BedOptions => ({
  crashes: dying,
  fateOf: (number): Fate => list[number % list.length]!,
});

const cleanly = ({ callers: people }: Trace) => people.map(({ staysMs }) => (staysMs === undefined ? 'talks' : 'over'));

describe('however webhooks come', () => {
  const repairs: RepairKind[] = [];
  test(
    'S3 R10.1 every call ends where it ends when all goes well: nobody is lost, and nothing comes back after its end',
    { timeout: 900_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(trace, async (one) => {
          const { final, wrong, repaired } = await play(one, faults(one));
          repairs.push(...repaired);
          expect([final, wrong]).toEqual([cleanly(one), []]);
        }),
        { numRuns: traces, endOnFailure: true },
      );
      expect(new Set(repairs).size).toBeGreaterThan(isSuite ? 1 : 0);
    },
  );

  test('S3 R10.1 when all goes well, too, without a repair', { timeout: 300_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(trace, async (one) => {
        const { final, wrong, repaired } = await play({ ...one, deaths: [], lies: undefined }, {});
        expect([final, wrong, repaired]).toEqual([cleanly(one), [], []]);
      }),
      { numRuns: isSuite ? 500 : 10, endOnFailure: true },
    );
  });
});

const deaf = () => createIntakeBed({ fateOf: () => ({ dropped: true, delayMs: 0 }) });

describe('when no webhook comes at all', () => {
  test('R10.1 a caller has a call within seven seconds, and it is over a second after he hung up', async () => {
    const bed = deaf();
    const caller = createCaller(bed, 'one');
    caller.call();
    const since = bed.clock.now();
    await bed.clock.advance(7000);
    expect(bed.begun.get(caller.callKey)! - since).toBeLessThan(7000);
    caller.hangUp();
    await bed.clock.advance(1500);
    expect(bed.ended.has(caller.callKey)).toBe(true);
    bed.close();
  });

  test('R10.1 a caller who hung up while the process was down: it is over within thirty seconds', async () => {
    const bed = deaf();
    const caller = createCaller(bed, 'one');
    caller.call();
    await bed.clock.advance(10_000);
    bed.kill(3000);
    caller.hangUp();
    const since = bed.clock.now();
    await bed.clock.advance(30_000);
    expect(bed.ended.get(caller.callKey)! - since).toBeLessThan(30_000);
    expect(bed.repaired).toEqual(['join', 'unlisted']);
    bed.close();
  });

  test('R9.3 a server that is started anew, and callers who reconnect: the same calls, each begun once', async () => {
    const bed = deaf();
    const callers = ['one', 'two', 'three'].map((name) => createCaller(bed, name));
    callers.forEach(({ call }) => call());
    await bed.clock.advance(10_000);
    const before = callers.map(({ state }) => state.sid);
    await bed.livekit.restart(5000);
    await bed.clock.advance(20_000);
    callers.forEach(({ reconnect }) => reconnect(900));
    await bed.clock.advance(60_000);
    expect(callers.map(({ state }) => before.includes(state.sid))).toEqual([false, false, false]);
    expect(bed.hosts().map((host) => host.context().caller?.sid)).toEqual(callers.map(({ state }) => state.sid));
    expect([[...bed.ended], bed.wrong, bed.steps() > 0]).toEqual([[], [], true]);
    bed.close();
  });
});

describe('lists that lie', () => {
  test('R10.1 end no call whose own link has its caller; where many vanish at once somebody is told', async () => {
    const bed = createIntakeBed();
    const callers = Array.from({ length: 6 }, (_, at) => createCaller(bed, `c${at}`));
    callers.forEach(({ call }) => call());
    await bed.clock.advance(5000);
    bed.livekit.lies('empty');
    await bed.clock.advance(120_000);
    expect([bed.hosts().length, [...bed.ended], bed.repaired]).toEqual([6, [], []]);
    expect(bed.alerts).toEqual(['raised calls_vanished']);
    bed.livekit.lies(undefined);
    await bed.clock.advance(5000);
    expect(bed.alerts).toEqual(['raised calls_vanished', 'resolved calls_vanished']);
    bed.close();
  });

  test('R10.1 few who vanish, and no answer, end none either', async () => {
    const bed = createIntakeBed();
    const caller = createCaller(bed, 'one');
    caller.call();
    await bed.clock.advance(5000);
    bed.livekit.lies('empty');
    await bed.clock.advance(60_000);
    bed.livekit.lies('error');
    await bed.clock.advance(60_000);
    expect([bed.hosts().length, [...bed.ended], bed.alerts]).toEqual([1, [], []]);
    bed.close();
  });
});
