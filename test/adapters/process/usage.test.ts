import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { busySeconds } from '../../../src/adapters/process/busy.ts';
import { createUsageMeter } from '../../../src/adapters/process/usage.ts';

test('D9.3 a busy process is seen, and shares are shares', () => {
  const meter = createUsageMeter({ now: () => performance.now() });
  const until = performance.now() + 300;
  while (performance.now() < until) Math.sqrt(Math.random());
  const { cpu, memory } = meter.read();
  expect(cpu).toBeGreaterThan(0.05);
  expect(cpu).toBeLessThanOrEqual(1);
  expect(memory).toBeGreaterThan(0.01);
  expect(memory).toBeLessThan(1);
});

test('D9.3 D9.4 in a container its own processors count, and else those of the machine', () => {
  const folder = mkdtempSync(join(tmpdir(), 'voicechart-cgroup-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'cpu.stat');
  writeFileSync(file, 'usage_usec 12345678\nuser_usec 10000000\nsystem_usec 2345678\n');
  expect(busySeconds(file)).toBe(12.345678);
  expect(busySeconds(join(folder, 'none'))).toBeGreaterThan(process.cpuUsage().user / 1e6);
});
