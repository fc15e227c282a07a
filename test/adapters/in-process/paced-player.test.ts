import { expect, test } from 'vitest';
import type { PlayerFact } from '../../../src/actors/player.ts';
import { createPacedPlayer } from '../../../src/adapters/line/paced-player.ts';
import type { AudioSink } from '../../../src/adapters/line/sink.ts';
import * as fc from '../../support/properties.ts';
import { createVirtualClock, type VirtualClock } from '../../support/virtual-clock.ts';

/** Like a native source: a frame lands a moment after it was handed over, and 10 ms leave at each tick. */
function nativeLikeSink(clock: VirtualClock, landMs = 1) {
  const left: number[] = [];
  const captured: number[] = [];
  let queue: number[] = [];
  let handed = 0;
  let pending = 0;
  let mostPending = 0;
  let refuse = false;
  const tick = () => {
    left.push(...queue.splice(0, 160));
    handed = Math.max(0, handed - 160);
    clock.setTimeout(tick, 10);
  };
  clock.setTimeout(tick, 10);
  const sink: AudioSink = {
    capture(frame) {
      pending += 1;
      mostPending = Math.max(mostPending, pending);
      handed += frame.length;
      captured.push(frame.length);
      return new Promise((resolve, reject) => {
        clock.setTimeout(() => {
          pending -= 1;
          if (refuse) return reject(new Error('no'));
          queue.push(...frame);
          resolve();
        }, landMs);
      });
    },
    clear() {
      queue = [];
      handed = 0;
    },
    queuedMs: () => handed / 16,
  };
  return { sink, left, captured, mostPending: () => mostPending, refuse: (on: boolean) => void (refuse = on) };
}

function talking(transitMs = 60, landMs = 1) {
  const clock = createVirtualClock(5_000);
  const paced = createPacedPlayer({ clock, transitMs });
  const native = nativeLikeSink(clock, landMs);
  const facts: (PlayerFact & { readonly at: number })[] = [];
  paced.player.subscribe((fact) => facts.push({ ...fact, at: clock.now() - 5_000 }));
  paced.attach(native.sink);
  paced.player.open(1, { held: false });
  return { clock, paced, player: paced.player, ...native, facts };
}

const ramp = (from: number, samples: number) => Int16Array.from({ length: samples }, (_, i) => from + i);

test('frames are at most 20 ms and whole blocks, one capture at a time, with at most 60 ms waiting', async () => {
  const { clock, player, sink, captured, mostPending } = talking();
  player.write(1, ramp(1, 16_000));
  let most = 0;
  for (let step = 0; step < 100; step += 1) {
    // oxlint-disable-next-line no-await-in-loop
    await clock.advance(3);
    most = Math.max(most, sink.queuedMs());
  }
  expect(Math.max(...captured)).toBe(320);
  expect(captured.every((samples) => samples % 160 === 0)).toBe(true);
  expect(mostPending()).toBe(1);
  expect(most).toBeLessThanOrEqual(60);
});

test('nothing is missing between frames while there is something to say', async () => {
  const { clock, player, left } = talking();
  player.write(1, ramp(1, 16_000));
  await clock.advance(900);
  expect(left.filter((sample) => sample !== 0)).toEqual([...ramp(1, left.length)]);
  expect(left.length).toBeGreaterThan(13_000);
});

test('ducked, what already waits in the sink leaves softer, within 30 ms and at the very sample', async () => {
  const { clock, player, left } = talking();
  player.write(1, new Int16Array(16_000).fill(10_000));
  await clock.advance(300);
  const before = left.length;
  player.gain(1, -12, 20);
  await clock.advance(300);
  const ducked = left.findIndex((sample, at) => at >= before && sample < 2_600);
  expect((ducked - before) / 16).toBeLessThan(30);
  expect(left.every((sample) => sample > 2_500)).toBe(true);
});

test('a frame that lands after a clear is dropped, and what is said next begins clean', async () => {
  const { clock, player, left } = talking(60, 8);
  player.write(1, new Int16Array(16_000).fill(1_111));
  await clock.advance(203);
  const before = left.length;
  player.open(2, { held: false });
  player.write(2, new Int16Array(3_200).fill(2_222));
  await clock.advance(500);
  expect(new Set(left.slice(before))).toEqual(new Set([2_222]));
});

test('a word is heard when its last sample has left and has had time to travel', async () => {
  const { clock, player, facts } = talking(100);
  player.write(1, ramp(1, 3_200));
  player.mark(1, [{ text: 'word', startSample: 0, endSample: 3_200 }]);
  player.end(1);
  await clock.advance(1_000);
  const told = facts.find((fact) => fact.type === 'playback.heard' && fact.words.includes('word'));
  expect(told?.at).toBeGreaterThanOrEqual(200 + 100);
  expect(told?.at).toBeLessThanOrEqual(200 + 100 + 60);
});

test('heard comes at most five times a second, and whole at the end', async () => {
  const { clock, player, facts } = talking();
  const words = Array.from({ length: 40 }, (_, at) => ({
    text: `w${at}`,
    startSample: at * 800,
    endSample: at * 800 + 700,
  }));
  player.write(1, ramp(1, 32_000));
  player.mark(1, words);
  player.end(1);
  await clock.advance(3_000);
  const heard = facts.flatMap((fact) => (fact.type === 'playback.heard' ? [fact] : []));
  expect(heard.length).toBeLessThanOrEqual(12);
  expect(heard.flatMap((fact) => fact.words)).toEqual(words.map((word) => word.text));
  expect(facts.at(-1)?.type).toBe('playback.finished');
  expect(clock.pending()).toBe(1);
});

test('a sink that refuses a frame gets it again', async () => {
  const { clock, player, left, refuse } = talking();
  player.write(1, ramp(1, 3_200));
  refuse(true);
  await clock.advance(200);
  expect(left).toEqual([]);
  refuse(false);
  player.end(1);
  await clock.advance(500);
  expect(left.slice(0, 3_200)).toEqual([...ramp(1, 3_200)]);
});

test('a lost link takes nothing with it that had not left; the new sink goes on there', async () => {
  const { clock, paced, player, left, facts } = talking();
  player.write(1, ramp(1, 8_000));
  player.end(1);
  await clock.advance(200);
  paced.detach();
  const before = left.length;
  await clock.advance(1_000);
  expect(left.length).toBe(before);
  const next = nativeLikeSink(clock);
  paced.attach(next.sink);
  await clock.advance(1_000);
  expect([...left, ...next.left].slice(0, 8_000)).toEqual([...ramp(1, 8_000)]);
  expect(facts.at(-1)?.type).toBe('playback.finished');
});

/** The words of a turn that are held to be heard. */
function heardIn(facts: readonly PlayerFact[], turn: number): string[] {
  let words: string[] = [];
  for (const fact of facts) {
    if (fact.type === 'playback.heard' && fact.turn === turn) words = [...words, ...fact.words];
    if (fact.type === 'playback.unheard' && fact.turn === turn) words = words.slice(0, words.length - fact.words);
  }
  return words;
}

test('D4.1 of a way that was dead before that was known, nothing that left since then was heard; each word is played again', async () => {
  const words = Array.from({ length: 20 }, (_, at) => ({
    text: `w${at}`,
    startSample: at * 1_600,
    endSample: at * 1_600 + 1_500,
  }));
  const deathMs = fc.integer({ min: 50, max: 2_500 });
  await fc.assert(
    fc.asyncProperty(deathMs, fc.integer({ min: 0, max: 1_500 }), fc.boolean(), async (diedMs, lateMs, ended) => {
      const { clock, paced, player, left, facts } = talking();
      player.write(1, ramp(1, 32_000));
      player.mark(1, words);
      if (ended) player.end(1);
      await clock.advance(diedMs);
      const diedAt = left.length;
      await clock.advance(lateMs);
      paced.detach(clock.now() - lateMs);
      await clock.advance(1_000);
      const arrived = words.filter(({ endSample }) => endSample <= diedAt).map(({ text }) => text);
      const heard = heardIn(facts, 1);
      expect(arrived.slice(0, heard.length)).toEqual(heard);
      expect(arrived.length - heard.length).toBeLessThanOrEqual(1);
      const isOver = facts.some(({ type }) => type === 'playback.finished');
      paced.attach(nativeLikeSink(clock).sink);
      await clock.advance(4_000);
      if (!isOver) expect(heardIn(facts, 1)).toEqual(words.map(({ text }) => text));
    }),
    { numRuns: 40 },
  );
});

test('the outbound level is that of what has left, not of what waits', async () => {
  const { clock, player } = talking();
  player.write(1, new Int16Array(1_600).fill(16_384));
  expect(player.outboundDb()).toBe(-100);
  await clock.advance(100);
  expect(player.outboundDb()).toBeCloseTo(-6, 0);
  await clock.advance(500);
  expect(player.outboundDb()).toBe(-100);
});
