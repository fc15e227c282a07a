import { beforeEach, describe, expect, it } from 'vitest';
import type { BlockShare } from '../../../src/runtime/security/block-share.ts';
import type { Block } from '../../../src/runtime/security/blocks.ts';
import type { Source } from '../../../src/runtime/security/signals.ts';
import { securityBench } from '../../support/security-bench.ts';
import { createVirtualClock, type VirtualClock } from '../../support/virtual-clock.ts';

const minuteMs = 60_000;
const somebody: Source = { kind: 'ip', value: '203.0.113.7' };

let clock: VirtualClock;
let bench: ReturnType<typeof securityBench>;
beforeEach(() => {
  clock = createVirtualClock(1_800_000_000_000);
  bench = securityBench(clock);
});
const saw = (times: number, source = somebody) => {
  for (let time = 0; time < times; time += 1) bench.security.saw('bad_key', source);
};

describe('security', () => {
  it('R8.5 so many from one source within a minute are told, and the source is refused for a while', async () => {
    saw(9);
    await clock.advance(minuteMs);
    saw(9);
    expect(bench.security.blockOf(somebody)).toBeUndefined();
    saw(1);
    const block = bench.security.blockOf(somebody);
    expect(block).toMatchObject({
      id: 'source-1',
      why: 'bad_key',
      source: somebody,
      until: clock.now() + 15 * minuteMs,
    });
    expect(bench.security.blockOf({ ...somebody, value: '203.0.113.8' })).toBeUndefined();
    await clock.advance(15 * minuteMs - 1);
    expect(bench.security.blockOf(somebody)).toEqual(block);
    await clock.advance(1);
    expect([bench.security.blockOf(somebody), bench.security.list()]).toEqual([undefined, []]);
  });

  it('R8.5 what is told names the source by a stand-in, in the log and in the alert', () => {
    saw(10);
    expect(bench.alerts).toMatchObject([
      { kind: 'suspicious', target: 'bad_key', facts: { source: 'source-1', blockedMs: 900_000 } },
    ]);
    expect(bench.lines).toMatchObject([
      { code: 'security.authn_login_fail', kind: 'ip', source: 'source-1', count: 10 },
    ]);
    expect(JSON.stringify([bench.alerts, bench.lines])).not.toContain('203.0.113');
  });

  it('R8.5 a source that two instances refuse has one block, by the same name at both', () => {
    const told: Block[] = [];
    const watchers: ((block: Block) => void)[] = [];
    const share: BlockShare = {
      blocked: (block) => void (told.push(block), watchers.forEach((hear) => hear(block))),
      cleared: () => undefined,
      watch: ({ blocked }) => (watchers.push(blocked), () => undefined),
      close: async () => undefined,
    };
    const instances = [securityBench(clock, { share }), securityBench(clock, { share })];
    for (const { security } of instances) for (let time = 0; time < 10; time += 1) security.saw('bad_key', somebody);
    expect(told).toHaveLength(1);
    const [here, there] = instances.map(({ security }) => security.list());
    expect(here).toEqual(there);
    expect(here!.map(({ id }) => id)).toEqual(['source-1']);
  });

  it('R8.5 an administrator sees the newest first, and clears one', () => {
    saw(10);
    saw(10, { ...somebody, value: '203.0.113.8' });
    const [newest] = bench.security.list();
    expect(newest!.source.value).toBe('203.0.113.8');
    expect([bench.security.clear(newest!.id), bench.security.clear(newest!.id)]).toEqual([true, false]);
    expect([bench.security.blockOf(newest!.source), bench.security.list().length]).toEqual([undefined, 1]);
    expect(bench.codes().at(-1)).toBe('security.block_cleared');
  });

  it('R8.5 a revoked token that is used is told at once, and nobody is blocked for what somebody else may do in their name', () => {
    const name: Source = { kind: 'identity', value: '["room","ada"]' };
    bench.security.saw('token_reuse', name);
    for (let time = 0; time < 5; time += 1) bench.security.saw('aborted_join', { kind: 'identity', value: 'ada' });
    expect(bench.alerts.map(({ target }) => target)).toEqual(['token_reuse', 'aborted_join']);
    expect(bench.security.list()).toEqual([]);
  });

  it('R8.5 an attacker with many addresses fills neither the memory nor the list', () => {
    for (let at = 0; at < 3000; at += 1) saw(10, { kind: 'ip', value: `2001:db8:0:${at.toString(16)}::/64` });
    expect(bench.security.list()).toHaveLength(1000);
    expect(bench.security.list()[0]!.source.value).toBe('2001:db8:0:bb7::/64');
  });
});
