import { expect, test } from 'vitest';
import { listened } from '../../../src/adapters/livekit/listened.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

/** When a track counts as listened to whose server says so `subscribedMs` after it was published. */
async function listenedAt(subscribedMs: number) {
  const clock = createVirtualClock(0);
  const waitForSubscription = () => new Promise<void>((resolve) => void clock.setTimeout(resolve, subscribedMs));
  let at: number | undefined;
  void listened({ waitForSubscription }, clock).then(() => (at = clock.now()));
  await clock.advance(5000);
  return at;
}

test('a track is listened to a moment after the server sends it on to somebody: he begins to read it when he is told', async () => {
  expect(await listenedAt(100)).toBe(260);
});

test('while nobody is there it is spoken into after a second all the same', async () => {
  expect(await listenedAt(4000)).toBe(1000);
});
