import { describe, expect, it } from 'vitest';
import { clockFinding } from '../../../src/cli/doctor/clocks.ts';

const vendor = (aheadMs: number) => [{ name: 'deepgram', aheadMs }];

describe('the clock, by doctor', () => {
  it.each([0, 1900, -1900])('R7.2 %d ms apart is no difference that HTTP could show', (aheadMs) => {
    expect(clockFinding({ aheadMs }, [])).toMatchObject({ verdict: 'well' });
  });

  it.each([
    [90_000, vendor(200), 'ahead of', 'deepgram agrees with this machine: LiveKit’s is wrong', 'on LiveKit’s machine'],
    [-90_000, vendor(-90_400), 'behind', 'deepgram agrees with LiveKit: this machine’s is wrong', 'on this machine'],
    [90_000, vendor(40_000), 'ahead of', 'which of the two is wrong nobody here can tell', 'on both machines'],
    [-90_000, [], 'behind', 'which of the two is wrong nobody here can tell', 'on both machines'],
  ])('R7.2 %d ms apart is to be mended, and others tell whose is wrong', (aheadMs, others, way, whose, where) => {
    const { verdict, saw, mend } = clockFinding({ aheadMs }, others);
    expect([verdict, saw, mend]).toEqual([
      'mend',
      expect.stringContaining(`90 s ${way} this machine’s`),
      expect.any(String),
    ]);
    expect([saw, mend].join()).toContain(whose);
    expect(mend).toContain(where);
  });

  it('some seconds are to be known', () => {
    expect(clockFinding({ aheadMs: 7000 }, []).verdict).toBe('know');
  });
});
