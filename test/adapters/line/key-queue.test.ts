import { expect, test } from 'vitest';
import { createKeyQueue } from '../../../src/adapters/line/key-queue.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

function queue(press: (key: string) => void = () => undefined) {
  const clock = createVirtualClock();
  const pressed: string[] = [];
  const send = createKeyQueue({
    clock,
    vendor: 'test',
    async press(key) {
      press(key);
      pressed.push(`${clock.now()} ${key}`);
    },
    failureOf: (error) => ({
      vendor: 'test',
      phase: 'stream',
      class: 'network',
      retryable: true,
      message: (error as Error).message,
    }),
  });
  return { clock, pressed, send };
}

test('keys of two wishes are pressed one after the other, each after its time', async () => {
  const { clock, pressed, send } = queue();
  const both = Promise.all([send('12'), send('3#')]);
  await clock.advance(2000);
  expect(await both).toEqual([undefined, undefined]);
  expect(pressed).toEqual(['0 1', '540 2', '1080 3', '1620 #']);
});

test('a key that fails ends its wish, tells how far it came, and the next wish is tried', async () => {
  const { clock, pressed, send } = queue((key) => {
    if (key === '2') throw new Error('not in the room');
  });
  const both = Promise.all([send('123'), send('4')]);
  await clock.advance(2000);
  expect(await both).toMatchObject([{ message: '1 of 3 keys were pressed: not in the room' }, undefined]);
  expect(pressed.map((each) => each.split(' ')[1])).toEqual(['1', '4']);
});

test('at most 32 keys wait; more are refused whole', async () => {
  const { clock, pressed, send } = queue();
  const first = send('1'.repeat(32));
  expect(await send('2')).toMatchObject({ retryable: true, message: 'too many keys at once: 32 wait already' });
  await clock.advance(20_000);
  expect(await first).toBeUndefined();
  const later = send('3');
  await clock.advance(1000);
  expect(await later).toBeUndefined();
  expect(pressed).toHaveLength(33);
});
