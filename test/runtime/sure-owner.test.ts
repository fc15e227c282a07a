import { expect, test } from 'vitest';
import { runTools } from '../../src/actors/run-tools.ts';
import { type Claim, intentionsOf } from '../../src/runtime/call-queue.ts';
import { after, errorOf, numberTool, startBatch, toolsOf } from '../support/tool-bench.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

/** A model asks for two tools at 0, and `storedMs` later the intention is stored. */
async function asked(storedMs: number, confirmedAt: Claim['confirmedAt']) {
  const clock = createVirtualClock(0);
  const ran: string[] = [];
  const book = numberTool(() => void ran.push(`book at ${clock.now()}`), { effect: 'once' });
  const look = numberTool(() => void ran.push(`look at ${clock.now()}`), { effect: 'none' });
  const intentions = intentionsOf({ confirmedAt }, () => after(clock, storedMs, true), clock);
  const calls = ['book', 'look'].map((name) => ({ id: name, key: name, name, input: '{}' }));
  const batch = startBatch(runTools(toolsOf({ book, look }), clock, intentions), { calls });
  await clock.advance(3000);
  return { ran, booked: batch.finished().find(({ id }) => id === 'book') };
}

test('D9.1 I2 nothing that cannot be undone is begun when the claim was confirmed 1.6 s ago; the rest is', async () => {
  const { ran, booked } = await asked(1600, () => 0);
  expect(ran).toEqual(['look at 0']);
  expect(errorOf(booked?.text ?? '').message).toBe('book was not run: it could not be noted beforehand');
});

test('D9.1 a little earlier all is begun', async () => {
  const { ran } = await asked(1599, () => 0);
  expect(ran).toEqual(['look at 0', 'book at 1599']);
});

test('D9.1 a claim that is confirmed while the intention is stored counts from then', async () => {
  const { ran } = await asked(2500, () => 1000);
  expect(ran).toEqual(['look at 0', 'book at 2500']);
});
