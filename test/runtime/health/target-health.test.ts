import { describe, expect, test } from 'vitest';
import type { Failure } from '../../../src/failure.ts';
import { mostFailing } from '../../../src/runtime/health/limits.ts';
import {
  judgedMs,
  missing,
  passed,
  seen,
  type TargetHealth,
  unknownHealth,
} from '../../../src/runtime/health/target-health.ts';
import { healthView } from '../../../src/runtime/health/view.ts';
import type { Sighting } from '../../../src/runtime/notices.ts';
import type { Target } from '../../../src/targets.ts';
import * as fc from '../../support/properties.ts';

const startMs = 1_800_000_000_000;
const down: Failure = { vendor: 'x', phase: 'connect', class: 'network', retryable: true, message: 'ECONNREFUSED' };
const busy: Failure = { ...down, phase: 'rest', class: 'api', sub: 'rate', message: 'too many requests' };

type Step = Partial<Sighting> & { readonly afterMs?: number };

const look = (step: Step = {}): Step => ({ by: 'probe', operation: 'ListRooms', tookMs: 5, ...step });
const use = (step: Step = {}): Step => ({ by: 'use', operation: 'ListRooms', tookMs: 5, ...step });
const times = (count: number, step: Step): Step[] => Array.from({ length: count }, () => step);

/** Every state it goes through, the first one after the first step. */
function through(steps: readonly Step[], target: Target = 'livekit-room'): TargetHealth[] {
  let at = startMs;
  let health = unknownHealth(target, at);
  return steps.map(({ afterMs = 1_000, ...step }) => {
    at += afterMs;
    health = seen(health, { target, at, by: 'probe', operation: 'ListRooms', tookMs: 5, ...step });
    return health;
  });
}

const statuses = (steps: readonly Step[], target?: Target) => through(steps, target).map(({ status }) => status);
const last = (steps: readonly Step[], target?: Target) => through(steps, target).at(-1)!;

describe('the status of a target', () => {
  test('D5.2 unknown until one look went well, or two in a row did not', () => {
    expect(unknownHealth('redis', startMs).status).toBe('unknown');
    expect(statuses([look()])).toEqual(['healthy']);
    expect(statuses([look({ failure: down }), look({ failure: down })])).toEqual(['unknown', 'unhealthy']);
  });

  test('D5.2 one failed look changes nothing, neither does one that went well after', () => {
    const failed = look({ failure: down });
    expect(statuses([look(), failed, look(), failed, failed, look(), failed, look(), look()])).toEqual([
      'healthy',
      'healthy',
      'healthy',
      'healthy',
      'unhealthy',
      'unhealthy',
      'unhealthy',
      'unhealthy',
      'healthy',
    ]);
  });

  test('D5.2 what serves, and not everybody or everything, is degraded', () => {
    expect(statuses([look(), ...times(2, look({ failure: busy }))]).at(-1)).toBe('degraded');
    expect(statuses([look(), look({ failure: down }), look({ failure: busy })]).at(-1)).toBe('degraded');
    const gone = { ...down, class: 'api', sub: 'config', message: 'does not offer the model' } as const;
    expect(statuses([look(), ...times(2, look({ failure: gone }))]).at(-1)).toBe('degraded');
  });

  test('D5.2 more than 1 % of failures degrade, from three on; half of that ends it', () => {
    const some = [look(), ...times(2, use({ failure: down })), use(), use({ failure: down })];
    expect(last(some).status).toBe('degraded');
    expect(last([...times(297, use()), use({ failure: down }), use(), use({ failure: down }), use()]).status).toBe(
      'healthy',
    );
    expect(last([...some, ...times(400, use({ afterMs: 100 }))]).status).toBe('degraded');
    expect(last([...some, ...times(700, use({ afterMs: 100 }))]).status).toBe('healthy');
  });

  test('D5.2 answers later than 100 ms degrade when they are more than half, of three at least', () => {
    const late = look({ tookMs: 101 });
    expect(last([look({ tookMs: 100 }), look({ tookMs: 100 }), look({ tookMs: 100 })]).status).toBe('healthy');
    expect(last([late, late]).status).toBe('healthy');
    expect(last([late, late, late]).status).toBe('degraded');
    expect(last([late, late, late, ...times(9, look())]).status).toBe('degraded');
    expect(last([late, late, late, ...times(10, look())]).status).toBe('healthy');
  });

  test('D5.2 what waits for somebody else is not late: a recorder, a telephone', () => {
    expect(last([look(), ...times(5, use({ operation: 'StartRoomCompositeEgress', tookMs: 21_000 }))]).status).toBe(
      'healthy',
    );
  });

  test('D5.2 five calls in a row that fail are believed against looks that go well, until two go well or none came for 5 min', () => {
    const failing = [look(), ...times(5, use({ operation: 'stt', failure: down }))];
    expect(last(failing, 'deepgram').status).toBe('unhealthy');
    expect(last([...failing, ...times(5, look())], 'deepgram').status).toBe('unhealthy');
    expect(last([...failing, ...times(2, use({ operation: 'stt' }))], 'deepgram').status).toBe('healthy');
    const { status, uses } = passed(last(failing, 'deepgram'), startMs + 10_000 + judgedMs);
    expect([status, uses.verdict]).toEqual(['healthy', 'none']);
  });

  test.each<[string, Partial<Failure>]>([
    ['what was asked for is not there', { vendor: 'livekit', class: 'api', sub: 'config', httpStatus: 404 }],
    ['a participant is not there', { vendor: 'livekit', class: 'api', sub: 'server', vendorCode: 'unavailable' }],
    ['a telephone is busy', { vendor: 'livekit', class: 'sip', vendorCode: '486' }],
    ['our own sound had stopped', { vendor: 'deepgram', sub: 'starved' }],
    ['the vendor withheld the answer', { vendor: 'openai', class: 'api', sub: 'config', vendorCode: 'content_filter' }],
  ])('D5.2 it is no fault of the target that %s', (_, failure) => {
    const health = last([look(), ...times(50, use({ failure: { ...down, ...failure } }))]);
    expect([health.status, healthView([health], startMs).targets[0]?.windows[2]?.failed]).toEqual(['healthy', 0]);
  });

  test('D5.2 a LiveKit with no recorder behind it is degraded, not away', () => {
    const nobody = { ...down, vendor: 'livekit', class: 'api', sub: 'server', vendorCode: 'unavailable' } as const;
    expect(last([look(), ...times(9, use({ failure: nobody }))], 'livekit-egress').status).toBe('degraded');
  });

  test('what failed while it was away is not held against it once it is back', () => {
    const outage = [look(), ...times(20, look({ failure: down, afterMs: 5_000 }))];
    expect(last([...outage, look(), look()])).toMatchObject({ status: 'healthy', failsOften: false });
  });

  test('what a server does not have by design is not known, and nothing is wrong', () => {
    const health = missing(unknownHealth('livekit-egress', startMs), 'this LiveKit does not offer it', startMs);
    const view = healthView([health, last([look()])], startMs + 1_000);
    expect([view.status, view.targets[0]]).toMatchObject([
      'pass',
      { status: 'unknown', absent: true, reasons: ['this LiveKit does not offer it'] },
    ]);
    expect(seen(health, { ...(look() as Sighting), target: 'livekit-egress', at: startMs }).absent).toBeUndefined();
  });
});

const reasons = (steps: readonly Step[]) => healthView([last(steps)], startMs + 60_000).targets[0]?.reasons;

describe('what operators see', () => {
  test('D5.2 latency, success and error rates of 1, 5 and 60 minutes, with reasons', () => {
    const steps = [
      ...times(50, look({ afterMs: 60_000, tookMs: 10 })),
      look({ afterMs: 60_000, tookMs: 30 }),
      look({ failure: down }),
      look({ failure: down }),
    ];
    const health = last(steps);
    const [view] = healthView([health], health.since).targets;
    expect(view).toMatchObject({ status: 'unhealthy', reasons: ['ECONNREFUSED'], limitMs: 100, failure: down });
    expect(view?.windows).toEqual([
      { minutes: 1, seen: 3, failed: 2, successRate: 1 / 3, errorRate: 2 / 3, meanMs: 30, worstMs: 30 },
      { minutes: 5, seen: 7, failed: 2, successRate: 5 / 7, errorRate: 2 / 7, meanMs: 14, worstMs: 30 },
      { minutes: 60, seen: 53, failed: 2, successRate: 51 / 53, errorRate: 2 / 53, meanMs: 10, worstMs: 30 },
    ]);
  });

  test('D5.2 why it is degraded is said with figures', () => {
    expect(reasons([look(), ...times(4, use({ failure: down })), use()])).toEqual([
      '4 of 6 failed in 5 minutes (allowed: 1 %)',
    ]);
    expect(reasons(times(4, look({ tookMs: 250 })))).toEqual([
      '4 of 4 answers came late in 5 minutes (allowed: 100 ms)',
    ]);
  });

  test('R7.5 fail when calls cannot be taken, warn when anything else is not well', () => {
    const well = last([look()]);
    const away = (target: Target) => last(times(2, look({ failure: down })), target);
    const statusOf = (...all: TargetHealth[]) => healthView(all, startMs).status;
    expect(statusOf(well)).toBe('pass');
    expect(statusOf(well, away('cartesia'))).toBe('warn');
    expect(statusOf(well, unknownHealth('redis', startMs))).toBe('warn');
    expect(statusOf(well, away('livekit-connect'))).toBe('fail');
  });
});

const step = fc.record({
  by: fc.constantFrom('use' as const, 'probe' as const),
  operation: fc.constantFrom('ListRooms', 'stt', 'StartRoomCompositeEgress'),
  tookMs: fc.nat({ max: 400 }),
  afterMs: fc.oneof(fc.nat({ max: 70_000 }), fc.constant(0), fc.nat({ max: 4_000_000 })),
  failure: fc.option(fc.constantFrom(down, busy), { nil: undefined }),
});
const steps = fc
  .array(step, { maxLength: 120 })
  .map((all) => all.map(({ failure, ...rest }) => ({ ...rest, ...(failure && { failure }) })));

describe('whatever is seen, in whatever order', () => {
  test('D5.2 nothing becomes unhealthy after something good, or better after something bad', () => {
    fc.assert(
      fc.property(steps, (all) => {
        let before: TargetHealth | undefined;
        through(all).forEach((health, index) => {
          const { failure, by } = all[index]!;
          const was = before?.status ?? 'unknown';
          if (was !== 'unhealthy' && health.status === 'unhealthy') {
            expect(failure).toBeDefined();
            const lane = by === 'probe' ? health.probes : health.uses;
            expect(lane.run).toBeGreaterThanOrEqual(2);
          }
          // Of calls it lapses.
          if (was === 'unhealthy' && health.status === 'healthy' && before?.probes.verdict === 'bad') {
            expect([failure, by]).toEqual([undefined, 'probe']);
            expect(health.probes.run).toBeGreaterThanOrEqual(2);
          }
          before = health;
        });
      }),
    );
  });

  test('D5.2 two looks in a row that went well end what looks began, two that failed begin it', () => {
    fc.assert(
      fc.property(steps, (all) => {
        expect(last([...all, ...times(2, look({ failure: down }))]).status).toBe('unhealthy');
        expect(last([...all, ...times(2, look())]).probes.verdict).toBe('good');
      }),
    );
  });

  test('D5.2 looks that go well and fail in turns never make it unhealthy', () => {
    fc.assert(
      fc.property(fc.nat({ max: 60 }), fc.nat({ max: 60_000 }), (count, afterMs) => {
        const all = Array.from({ length: count }, (_, n) => look({ afterMs, ...(n % 2 === 1 && { failure: down }) }));
        expect(statuses(all)).not.toContain('unhealthy');
      }),
    );
  });

  test('D5.2 all that is good and in time is healthy and stays so', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const good = all.map(({ afterMs }) => look({ afterMs }));
        expect(new Set(statuses(good))).toEqual(new Set(good.length > 0 ? ['healthy'] : []));
      }),
    );
  });

  test('D5.2 the figures are those of the last minutes, but for the slice that is being forgotten', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const health = last([look(), ...all]);
        const at = [1_000, ...all.map(({ afterMs }) => afterMs)].map(
          (
            (sum) => (ms: number) =>
              (sum += ms)
          )(startMs),
        );
        const now = at.at(-1)!;
        for (const { minutes, seen: count, failed, successRate = 1, errorRate = 0 } of healthView([health], now)
          .targets[0]!.windows) {
          const spanMs = minutes * 60_000;
          const within = (ms: number) => at.filter((each) => each > now - ms).length;
          expect(count).toBeGreaterThanOrEqual(within((spanMs * 11) / 12));
          expect(count).toBeLessThanOrEqual(within(spanMs));
          expect(failed).toBeLessThanOrEqual(count);
          expect(successRate + errorRate).toBeCloseTo(1);
        }
      }),
    );
  });

  test('D5.2 memory is bounded, and the state is plain JSON', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const health = last([look(), ...all, ...all, ...all]);
        expect(JSON.parse(JSON.stringify(health))).toEqual(health);
        expect(JSON.stringify(health).length).toBeLessThan(9_000);
        expect(Math.max(...health.windows.map(({ slices }) => slices.length))).toBeLessThanOrEqual(12);
      }),
    );
  });

  test('D5.2 of hours no more than an hour is kept, and what is older is not shown though nothing came after it', () => {
    const health = last(times(48, look({ afterMs: 300_000 })));
    expect(health.windows.map(({ slices }) => slices.length)).toEqual([1, 1, 12]);
    const seenAt = (laterMs: number) =>
      healthView([health], startMs + 48 * 300_000 + laterMs).targets[0]!.windows.map(({ seen }) => seen);
    expect([seenAt(0), seenAt(61_000), seenAt(301_000)]).toEqual([
      [1, 1, 12],
      [0, 1, 12],
      [0, 0, 11],
    ]);
  });

  test('a clock that was set back loses nothing', () => {
    const health = last([look({ afterMs: 60_000 }), look({ afterMs: -50_000 }), look()]);
    expect(health.windows[2]?.slices.reduce((sum, { well }) => sum + well, 0)).toBe(3);
  });

  test('D5.2 the limit of failures is 1 %', () => expect(mostFailing).toBe(0.01));
});
