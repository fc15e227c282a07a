import { expect, test } from 'vitest';
import { createEarHub } from '../../src/adapters/line/ear-hub.ts';
import { logDeadAir } from '../../src/runtime/dead-air.ts';
import type { LogFields } from '../../src/runtime/log.ts';

test('R9.4 frames of nothing but zeros are counted until a sound comes', () => {
  const hub = createEarHub();
  for (let frame = 0; frame < 100; frame += 1) hub.push(new Int16Array(320));
  expect(hub.deadAirMs()).toBe(2000);
  hub.push(new Int16Array(320).fill(1, 300, 301));
  expect(hub.deadAirMs()).toBe(0);
});

test('R9.4 each stretch of three seconds and more is told once', () => {
  const lines: LogFields[] = [];
  const look = logDeadAir({ warn: (fields) => void lines.push(fields) });
  const seen = (deadAirMs?: number) =>
    look({ callKey: 'a', sinceMs: 1000, quality: {}, ...(deadAirMs === undefined ? {} : { deadAirMs }) });
  for (const deadAirMs of [1000, 2000, 3000, 4000, undefined, 3000]) seen(deadAirMs);
  expect(lines).toMatchObject([
    { code: 'line.dead_air', callKey: 'a', deadAirMs: 3000 },
    { code: 'line.dead_air', deadAirMs: 3000 },
  ]);
});
