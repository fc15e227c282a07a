import { expect, test } from 'vitest';
import { createPlayout } from '../../src/audio/playout.ts';

/** A ramp, so that a sample's value is its place. */
const ramp = (from: number, samples: number) => Int16Array.from({ length: samples }, (_, i) => from + i);
const whole = (frame: Int16Array | undefined) => Array.from(frame ?? []);
const word = (text: string, startSample: number, endSample: number) => ({ text, startSample, endSample });

function filled(samples: number) {
  const playout = createPlayout(10_000);
  playout.write(ramp(1, samples));
  return playout;
}

test('gives audio out in whole blocks, in order, and the rest padded when flushed', () => {
  const playout = filled(700);
  expect(whole(playout.next(320, 160, false))).toEqual(whole(ramp(1, 320)));
  expect(whole(playout.next(320, 160, false))).toEqual(whole(ramp(321, 320)));
  expect(playout.next(320, 160, false)).toBeUndefined();
  const rest = whole(playout.next(320, 160, true));
  expect(rest).toEqual([...ramp(641, 60), ...Array.from({ length: 100 }, () => 0)]);
  expect(playout.inFlight()).toBe(800);
  expect(playout.available()).toBe(0);
});

test('a frame is a copy of its own buffer', () => {
  const frame = filled(700).next(320, 160, false);
  expect(frame?.byteOffset).toBe(0);
  expect(frame?.buffer.byteLength).toBe(640);
});

test('goes on at the first sample that had not left', () => {
  const playout = filled(2000);
  playout.next(320, 160, false);
  playout.next(320, 160, false);
  playout.left(480);
  playout.recall();
  expect(playout.leftTo()).toBe(480);
  expect(playout.inFlight()).toBe(0);
  expect(playout.next(320, 160, false)?.[0]).toBe(481);
});

test('padding that left is no audio', () => {
  const playout = filled(60);
  playout.end();
  playout.next(320, 160, true);
  playout.left(159);
  expect(playout.leftTo()).toBe(60);
  expect(playout.inFlight()).toBe(1);
});

test('what is played again does not lower what has left', () => {
  const playout = filled(2000);
  playout.mark([word('one,', 0, 200), word('two', 200, 900)]);
  playout.next(640, 160, false);
  playout.left(640);
  playout.recall();
  playout.rewind('word');
  playout.next(320, 160, false);
  playout.left(320);
  expect(playout.leftTo()).toBe(640);
});

test('a fade moves the gain evenly, and what is recalled gets the gain it had there', () => {
  const playout = createPlayout(10_000);
  playout.write(new Int16Array(3200).fill(10_000));
  playout.gain(-20, 320);
  const first = playout.next(320, 160, false);
  expect(first?.[0]).toBe(10_000);
  expect(first?.[160]).toBe(5_500);
  expect(playout.next(320, 160, false)?.[0]).toBe(1_000);
  playout.left(160);
  playout.recall();
  expect(playout.next(320, 160, false)?.[0]).toBe(5_500);
  playout.recall();
  playout.gain(0, 0);
  expect(playout.next(320, 160, false)?.[0]).toBe(10_000);
});

test('a gain above full voice is cut at full scale', () => {
  const playout = createPlayout(10_000);
  playout.write(Int16Array.of(30_000, -30_000, ...Array.from({ length: 158 }, () => 1)));
  playout.gain(6, 0);
  expect(whole(playout.next(160, 160, false)).slice(0, 3)).toEqual([32_767, -32_768, 2]);
});

test('resumes at the start of the cut word, or at the very sample between words', () => {
  const playout = filled(2000);
  playout.mark([word('Hello', 100, 300), word('there', 500, 900)]);
  const resumedAt = (leftSamples: number) => {
    const fresh = filled(2000);
    fresh.mark([word('Hello', 100, 300), word('there', 500, 900)]);
    fresh.next(1600, 160, false);
    fresh.left(leftSamples);
    fresh.recall();
    fresh.rewind('word');
    return (fresh.next(160, 160, false)?.[0] ?? 0) - 1;
  };
  expect([99, 100, 101, 299, 300, 450, 501, 899, 900].map(resumedAt)).toEqual([
    99, 100, 100, 100, 300, 450, 500, 500, 900,
  ]);
});

test('resumes at the start of the clause: after the last word with ,.;:!?… before the cut', () => {
  const words = [word('No,', 0, 100), word('not', 120, 200), word('so…»', 200, 300), word('Well', 400, 500)];
  const resumedAt = (leftSamples: number) => {
    const playout = filled(2000);
    playout.mark(words);
    playout.next(1600, 160, false);
    playout.left(leftSamples);
    playout.recall();
    playout.rewind('clause');
    return (playout.next(160, 160, false)?.[0] ?? 0) - 1;
  };
  expect([50, 100, 110, 130, 250, 350, 450, 600].map(resumedAt)).toEqual([0, 100, 110, 120, 120, 350, 400, 400]);
});

test('words are heard once, in the order of their places, whenever they were marked', () => {
  const playout = filled(1000);
  playout.mark([word('b', 100, 200)]);
  playout.mark([word('a', 0, 100)]);
  expect(playout.hear(99)).toEqual([]);
  expect(playout.hear(200)).toEqual(['a', 'b']);
  playout.mark([word('late', 150, 190)]);
  expect(playout.hear(200)).toEqual(['late']);
  expect(playout.hear(1000)).toEqual([]);
});

test('a last word whose time overhangs the audio a little is heard with the last sample, one without audio never', () => {
  const playout = filled(1000);
  playout.mark([word('last', 800, 1100), word('unspoken', 1000, 1400)]);
  expect(playout.hear(1000)).toEqual([]);
  playout.end();
  expect(playout.hear(1000)).toEqual(['last']);
});

test('a word far longer than the audio was cut by its voice and is not heard', () => {
  const playout = filled(1000);
  playout.mark([word('cut', 800, 3000)]);
  playout.end();
  expect(playout.hear(1000)).toEqual([]);
});

test('holds no more than its bound and says so', () => {
  const playout = createPlayout(1000);
  expect(playout.write(ramp(1, 900))).toBe(true);
  expect(playout.write(ramp(901, 200))).toBe(false);
  expect(playout.written()).toBe(1000);
  playout.mark([word('dropped', 900, 1030)]);
  playout.end();
  expect(playout.hear(1000)).toEqual([]);
});

test('trimmed, what follows the last whole word is dropped, and that word and those before are named', () => {
  const playout = filled(2000);
  playout.mark([word('one,', 0, 400), word('two', 400, 900), word('three', 900, 2200), word('four', 2200, 4000)]);
  playout.next(320, 160, false);
  expect(playout.trim()).toEqual(['one,', 'two']);
  expect(playout.written()).toBe(900);
  playout.write(ramp(1, 600));
  playout.mark([word('three', 900, 1500)]);
  playout.end();
  expect(playout.hear(1500)).toEqual(['one,', 'two', 'three']);
});

test('trimmed, what is on its way is kept: its word is cut and not told', () => {
  const playout = filled(2000);
  playout.mark([word('one,', 0, 400), word('two', 400, 2500)]);
  for (let i = 0; i < 4; i += 1) playout.next(320, 160, false);
  expect(playout.trim()).toEqual(['one,']);
  expect(playout.written()).toBe(1280);
  expect(playout.hear(1280)).toEqual(['one,']);
});

test('trimmed, a word whose time overhangs its audio by a rounding is whole', () => {
  const playout = filled(2000);
  playout.mark([word('one', 0, 2100)]);
  expect(playout.trim()).toEqual(['one']);
  expect(playout.written()).toBe(2000);
});
