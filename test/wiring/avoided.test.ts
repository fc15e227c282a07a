import { expect, test } from 'vitest';
import { type AvoidableVendor, calmPosture } from '../../src/posture.ts';
import { createPostureBoard } from '../../src/runtime/posture-board.ts';
import { tellAvoided } from '../../src/wiring/avoided.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

test('R10.4 a call is told which vendors the instance avoids, when it opens, at each change, and not after its end', async () => {
  const board = createPostureBoard(() => undefined);
  const take = (version: number, avoid: readonly AvoidableVendor[]) => board.take({ ...calmPosture, version, avoid });
  take(1, ['openai']);
  const told: (readonly string[])[] = [];
  const ended = Promise.withResolvers<string>();
  const host = {
    send: (event: { type: string; vendors?: readonly string[] }) => void told.push(event.vendors ?? []),
    context: () => ({ avoided: told.at(-1) ?? [] }),
    ended: ended.promise,
  };
  tellAvoided(board, host as never, createVirtualClock());
  take(2, ['openai']);
  take(3, []);
  ended.resolve('over');
  await ended.promise.finally(() => undefined);
  await Promise.resolve();
  take(4, ['groq']);
  expect(told).toEqual([['openai'], []]);
});
