import { describe, expect, it } from 'vitest';
import { createFigures } from '../../src/runtime/alert-figures.ts';
import { type Figures, judge, type Standing } from '../../src/runtime/alert-limits.ts';
import type { Sighting } from '../../src/runtime/notices.ts';
import * as fc from '../support/properties.ts';

const calm: Figures = {
  requests: 1000,
  timed: 1000,
  slow: 0,
  meanMs: 5,
  failed: 0,
  overloaded: 0,
  windowMs: 60_000,
  cpu: 0.1,
  memory: 0.1,
};

/** What is open after each reading. */
function played(readings: readonly Partial<Figures>[]): string[] {
  let standing: Standing = {};
  const open = new Set<string>();
  return readings.map((reading) => {
    const judged = judge(standing, { ...calm, ...reading });
    ({ standing } = judged);
    judged.raised.forEach(({ kind }) => open.add(kind));
    judged.resolved.forEach((kind) => open.delete(kind));
    return [...open].toSorted().join();
  });
}
const twice = (reading: Partial<Figures>) => played([reading, reading]).at(-1);

describe('limits', () => {
  it.each<readonly [string, Partial<Figures>, Partial<Figures>]>([
    ['api_latency', { slow: 501 }, { slow: 500 }],
    ['api_errors', { failed: 11 }, { failed: 10 }],
    ['throughput', { requests: 60_000, overloaded: 30_120 }, { requests: 29_000, overloaded: 20_000 }],
    ['cpu', { cpu: 0.81 }, { cpu: 0.8 }],
    ['memory', { memory: 0.81 }, { memory: 0.8 }],
  ])('D9.3 D5.4 %s is told beyond its limit, and not at it', (kind, beyond, at) => {
    expect([twice(beyond), twice(at)]).toEqual([kind, '']);
  });

  it('D9.3 few requests say nothing, and neither do two errors', () => {
    expect(twice({ requests: 19, timed: 19, slow: 19, failed: 19 })).toBe('');
    expect(twice({ requests: 20, failed: 2 })).toBe('');
    expect(twice({ requests: 20, failed: 3 })).toBe('api_errors');
  });

  it('D9.3 one reading is no alarm, and it ends after a minute well under the limit', () => {
    const [high, near, low] = [{ cpu: 0.95 }, { cpu: 0.75 }, { cpu: 0.5 }];
    expect(played([high, low, high, high, near, near, near, near, near, low, low, high, low, low, low, low])).toEqual(
      [3, 12, 1].flatMap((readings, at) => Array.from({ length: readings }, () => (at === 1 ? 'cpu' : ''))),
    );
  });

  it('D9.3 property: whatever the readings, an alert begins beyond the limit and ends under nine tenths of it', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 60 }), (loads) => {
        const open = played(loads.map((cpu) => ({ cpu })));
        open.forEach((now, at) => {
          const before = at > 0 && open[at - 1] !== '';
          if (now && !before) expect(Math.min(...loads.slice(at - 1, at + 1))).toBeGreaterThan(0.8);
          if (!now && before) expect(Math.max(...loads.slice(at - 3, at + 1))).toBeLessThanOrEqual(0.8 * 0.9);
        });
      }),
    );
  });

  it('D9.3 says what is so', () => {
    const { raised } = judge({ api_errors: { row: 1, isRaised: false } }, { ...calm, failed: 25 });
    expect(raised).toMatchObject([
      {
        target: 'instance',
        severity: 'critical',
        summary: '2.5 % of the requests to LiveKit fail',
        facts: { failed: 25 },
      },
    ]);
  });
});

describe('figures', () => {
  const use: Sighting = { target: 'livekit-room', by: 'use', at: 0, tookMs: 50, operation: 'ListRooms' };
  const failure = { vendor: 'livekit', phase: 'rest', class: 'api', retryable: false, message: 'x' } as const;
  const idle = { read: () => ({ cpu: 0, memory: 0 }) };

  it('D9.3 counts uses of LiveKit’s API of the last minute, and what LiveKit is to blame for', () => {
    const figures = createFigures(idle);
    figures.see(use);
    figures.see({ ...use, tookMs: 150 });
    figures.see({ ...use, target: 'livekit-sip', operation: 'CreateSIPParticipant', tookMs: 30_000 });
    figures.see({ ...use, by: 'probe', tookMs: 9000 });
    figures.see({ ...use, target: 'deepgram', tookMs: 9000 });
    figures.see({ ...use, failure: { ...failure, sub: 'config' } });
    figures.see({ ...use, failure: { ...failure, class: 'sip' } });
    figures.see({ ...use, failure: { ...failure, sub: 'server' } });
    figures.see({ ...use, failure: { ...failure, sub: 'rate' } });
    const counted = { requests: 7, timed: 6, slow: 1, meanMs: 67, failed: 2, overloaded: 1, windowMs: 15_000 };
    expect(figures.read()).toMatchObject(counted);
    expect(figures.read()).toMatchObject({ requests: 7, windowMs: 30_000 });
    figures.read();
    expect(figures.read()).toMatchObject({ requests: 7, windowMs: 60_000 });
    expect(figures.read()).toMatchObject({ requests: 0, windowMs: 60_000 });
  });
});
