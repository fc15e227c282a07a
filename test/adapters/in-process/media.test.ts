import { expect, test } from 'vitest';
import { createMediaPath } from '../../../src/adapters/in-process/media.ts';
import { frameMs, frameSamples } from '../../../src/audio/pcm.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const tone = (frames: number): Int16Array => new Int16Array(frames * frameSamples).fill(1000);

/** What is said both ways now and then, as the two ends hear it: when, and how many samples of sound. */
async function heardIn(leavesOutSilence: boolean) {
  const clock = createVirtualClock(0);
  const heard: string[] = [];
  let frames = 0;
  const hears = (who: string) => (frame: Int16Array) => {
    frames += 1;
    const sound = frame.filter((sample) => sample !== 0).length;
    if (sound > 0) heard.push(`${who} at ${clock.now()}: ${sound}`);
  };
  const path = createMediaPath({
    clock,
    transitMs: 60,
    toCaller: hears('caller'),
    toAgent: hears('agent'),
    leavesOutSilence,
  });
  path.start();
  for (const restMs of [0, 1000, 50]) {
    await clock.advance(restMs); // oxlint-disable-line no-await-in-loop
    path.speak(tone(3));
    void path.sink.capture(tone(2));
    await clock.advance(2 * frameMs); // oxlint-disable-line no-await-in-loop
  }
  await clock.advance(1000);
  path.stop();
  return { heard, frames };
}

test('of a room that leaves out silence all sound is heard whole, at its time, and little else', async () => {
  const [all, sound] = [await heardIn(false), await heardIn(true)];
  expect(sound.heard).toEqual(all.heard);
  expect(sound.heard.length).toBeGreaterThan(10);
  expect(sound.frames).toBeLessThan(all.frames / 2);
});
