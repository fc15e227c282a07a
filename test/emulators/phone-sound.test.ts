import { describe, expect, it } from 'vitest';
import { createEar, type EarEvent } from '../../emulators/phone/ear.ts';
import { createComfort, createEcho } from '../../emulators/phone/line-sound.ts';
import { createKeyQueue } from '../../emulators/phone/key-queue.ts';
import { createMixer } from '../../emulators/phone/mixer.ts';
import { createMouth, type MouthSink } from '../../emulators/phone/mouth.ts';
import { tonesOfText } from '../../emulators/phone/words.ts';
import { throughTelephone } from '../../emulators/phone/telephone-band.ts';
import { levelDb } from '../../src/audio/pcm.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

/** From the second half second on everything is 500 ms late. */
const arrivalMs = (i: number): number => 1_000_000 + 20 * i + (i >= 25 ? 500 : 0);

function openMixer() {
  const heard: number[] = [];
  return { heard, mixer: createMixer((mixed) => heard.push(mixed[0]!)) };
}

const frame = (value: number): Int16Array => new Int16Array(160).fill(value);

/** Takes everything at once and lets it out in real time, as the native queue does. */
function openMouth() {
  const clock = createVirtualClock();
  const sent: number[] = [];
  let emptyMs = clock.now();
  const sink: MouthSink = {
    async capture(piece) {
      emptyMs = Math.max(emptyMs, clock.now()) + 20;
      sent.push(piece[0]!);
    },
    queuedMs: () => Math.max(0, emptyMs - clock.now()),
    clear() {
      emptyMs = clock.now();
    },
  };
  const began: number[] = [];
  const mouth = createMouth({
    clock,
    sink,
    comfort: () => frame(1),
    add: (piece) => piece,
    began: (_utterance, startMs) => began.push(startMs),
    ended: () => {},
  });
  async function shut(): Promise<void> {
    const left = mouth.shut();
    await clock.advance(20);
    await left;
  }
  return { clock, sent, began, mouth, shut };
}

describe('a phone that hears several voices', () => {
  it('passes one voice on as it comes, and adds what others have ready', () => {
    const { heard, mixer } = openMixer();
    const [first, second] = [mixer.add(), mixer.add()];
    first.push(frame(1));
    second.push(frame(20));
    expect(heard).toEqual([1]);
    first.push(frame(2));
    expect(heard).toEqual([1, 22]);
  });

  it('goes on with the next voice when the leading one ends, and loses nothing of it', () => {
    const { heard, mixer } = openMixer();
    const [first, second] = [mixer.add(), mixer.add()];
    first.push(frame(1));
    second.push(frame(20));
    second.push(frame(30));
    first.end();
    second.push(frame(40));
    expect(heard).toEqual([1, 20, 30, 40]);
  });

  it('holds at most ten frames of a voice that is ahead, and clips what is too loud', () => {
    const { heard, mixer } = openMixer();
    const [first, second] = [mixer.add(), mixer.add()];
    for (let i = 0; i < 15; i += 1) second.push(frame(30_000 + i));
    first.push(frame(10_000));
    first.push(frame(-10_000));
    expect(heard).toEqual([32_767, 20_006]);
  });
});

describe("a phone's ear", () => {
  it('tells words, damage and sound with the times at which they arrived', () => {
    const events: EarEvent[] = [];
    const ear = createEar((event) => events.push(event), -50);
    const { pcm, words } = tonesOfText('Hotel Lindau', 3);
    const line = throughTelephone(pcm);
    for (let i = 0; i < 120; i += 1) {
      const piece = new Int16Array(160);
      piece.set(line.subarray(160 * i, 160 * (i + 1)));
      ear.hear(piece, arrivalMs(i));
    }
    const read = events.filter((event) => event.type === 'heard.word');
    expect(read.map(({ number, text }) => `${number} ${text}`)).toEqual(['3 Hotel', '4 Lindau']);
    for (const [i, { startMs, endMs }] of read.entries()) {
      const [start, end] = [words[i]!.startSample / 16, words[i]!.endSample / 16];
      expect(Math.abs(startMs - arrivalMs(Math.floor(start / 20)) - (start % 20))).toBeLessThan(10);
      expect(Math.abs(endMs - arrivalMs(Math.floor(end / 20)) - (end % 20))).toBeLessThan(10);
    }
    const sounds = events.filter((event) => event.type === 'sound.ended');
    expect(sounds.map(({ startMs, endMs }) => [startMs, endMs])).toEqual([[arrivalMs(0), arrivalMs(43) + 20]]);
    const { pcm: recorded, frameMs } = ear.recording();
    expect(recorded).toHaveLength(120 * 320);
    expect([frameMs[0], frameMs[119]]).toEqual([arrivalMs(0), arrivalMs(119)]);
  });
});

describe("a phone's mouth", () => {
  it('sends comfort sound and utterances in real time, and knows when they left', async () => {
    const { clock, sent, began, mouth, shut } = openMouth();
    const t0 = clock.now();
    mouth.open();
    await clock.advance(1000);
    const comfort = sent.length;
    expect(Math.abs(comfort - 50)).toBeLessThanOrEqual(3);
    const saying = [mouth.say(new Int16Array(480).fill(7)), mouth.say(new Int16Array(160).fill(9))];
    await clock.advance(500);
    const [first, second] = await Promise.all(saying);
    expect(sent.filter((value) => value > 1)).toEqual([7, 7, 7, 9]);
    expect([first!.cut, first!.saidMs, first!.endMs - first!.startMs]).toEqual([false, 60, 60]);
    expect([second!.startMs - first!.endMs, second!.saidMs]).toEqual([0, 20]);
    expect(began).toEqual([first!.startMs, second!.startMs]);
    expect(first!.startMs - t0).toBeGreaterThanOrEqual(1000);
    await shut();
  });

  it('tells how much was said when it is hushed, and forgets what waits', async () => {
    const { clock, mouth, shut } = openMouth();
    mouth.open();
    const saying = [mouth.say(new Int16Array(8000).fill(7)), mouth.say(new Int16Array(8000).fill(9))];
    await clock.advance(300);
    mouth.hush();
    const [first, second] = await Promise.all(saying);
    expect(first!.cut).toBe(true);
    expect(Math.abs(first!.saidMs - 300)).toBeLessThanOrEqual(20);
    expect(second).toMatchObject({ cut: true, saidMs: 0 });
    await shut();
    expect(await mouth.say(new Int16Array(160))).toMatchObject({ cut: true, saidMs: 0 });
  });
});

describe('the line of a phone', () => {
  it('is never quite silent, unless told', () => {
    const noise = createComfort('noise');
    expect(levelDb(noise())).toBeGreaterThan(-75);
    expect(levelDb(noise())).toBeLessThan(-58);
    expect(levelDb(createComfort('zeros')())).toBe(-100);
  });

  it('brings the voice of the agent back, softer and later', () => {
    const echo = createEcho({ db: -20, delayMs: 40 });
    const back = [1000, 2000, 3000, 4000].map((value) => {
      echo.take(frame(value));
      return echo.addTo(frame(5))[0];
    });
    expect(back).toEqual([5, 5, 105, 205]);
    expect(createEcho(undefined).addTo(frame(5))).toEqual(frame(5));
  });
});

describe('keys on their way to a phone', () => {
  it('are heard one in 540 ms, and the fifth of five at once is lost', () => {
    let nowMs = 1_000_000;
    const keys = createKeyQueue(() => nowMs);
    const delays = [0, 60, 120, 180, 240].map((atMs) => {
      nowMs = 1_000_000 + atMs;
      return keys.place();
    });
    expect(delays).toEqual([0, 480, 960, 1440, undefined]);
    nowMs += 3000;
    expect(keys.place()).toBe(0);
  });
});
