import { expect, test } from 'vitest';
import { createWaitingLine } from '../../src/runtime/waiting-line.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

/** A queue that has no place until it is told to, with a line before it. */
function full() {
  const clock = createVirtualClock(0);
  const queued: string[] = [];
  const state = { places: 0 };
  const enqueue = async (callKey: string) => {
    if (queued.length >= state.places) return 'full' as const;
    queued.push(callKey);
    return 'queued' as const;
  };
  const line = createWaitingLine({ queue: { enqueue }, clock, stopping: new AbortController().signal });
  return { clock, queued, state, line };
}

const names = Array.from({ length: 1000 }, (_, index) => `call-${index}`);

test('R3.4 calls that wait for a place in the queue come into it in their order', async () => {
  const { clock, queued, state, line } = full();
  for (const name of names.slice(0, 3)) await line(name); // oxlint-disable-line no-await-in-loop
  state.places = 2;
  await clock.advance(1000);
  expect(queued).toEqual(['call-0', 'call-1']);
  state.places = 3;
  await clock.advance(1000);
  expect(queued).toEqual(['call-0', 'call-1', 'call-2']);
});

test('R3.4 a thousand may wait; who comes then is told so and may ask again, and those who wait may, too', async () => {
  const { clock, queued, state, line } = full();
  await Promise.all(names.map(line));
  await expect(line('another')).rejects.toMatchObject({ code: 'full' });
  await line('call-7');
  state.places = 1001;
  await clock.advance(1000);
  await line('another');
  expect([queued.length, queued.at(-1)]).toEqual([1001, 'another']);
});
