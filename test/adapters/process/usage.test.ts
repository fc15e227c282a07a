import { expect, test } from 'vitest';
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
