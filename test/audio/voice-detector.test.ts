import { describe, expect, it } from 'vitest';
import { encodeWord } from '../../emulators/tones/codec.ts';
import { voiceFixtures, voiceSound, type VoiceFixture } from '../../emulators/voices/index.ts';
import { levelDb, samplesOf } from '../../src/audio/pcm.ts';
import { createVoiceDetector, type VoiceChange, type VoiceDetectorOptions } from '../../src/audio/voice-detector.ts';
import { addSound, framesOf, joined, randomly, sine, whiteNoise } from '../support/sounds.ts';

type Heard = VoiceChange & { readonly atMs: number };

/** Plays PCM into a fresh detector; `atMs` is the end of the frame. */
function listen(pcm: Int16Array, options?: Partial<VoiceDetectorOptions>, outboundDb = -100): Heard[] {
  const detector = createVoiceDetector(options);
  return framesOf(pcm).flatMap((frame, i) => {
    const change = detector.step(frame, outboundDb);
    return change ? [{ ...change, atMs: (i + 1) * 20 }] : [];
  });
}

const line = (ms: number, noiseDb = -62) => whiteNoise(samplesOf(ms), noiseDb);
const started = (heard: readonly Heard[]) => heard.filter(({ type }) => type === 'started').map(({ atMs }) => atMs);
const fixture = (file: string): VoiceFixture => voiceFixtures().find((each) => each.file === file)!;
const voices = voiceFixtures().filter(({ kind }) => kind !== 'noise');

/** Starts of a fixture played after 2 s of line noise, ms after its onset. */
function startsIn(file: VoiceFixture, seed: number, noiseDb?: number): number[] {
  const onset = samplesOf(2000) + Math.floor(randomly(seed)() * 320);
  const track = addSound(line(2500 + file.durationMs + 1000, noiseDb), voiceSound(file), onset);
  return started(listen(track)).map((atMs) => atMs - onset / 16);
}

function percentile(values: readonly number[], share: number): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length * share)]!;
}

describe('the voice detector', () => {
  it('hears every spoken fixture within 120 ms at the 95th percentile', () => {
    const firsts = voices.map((file, i) => startsIn(file, i)[0] ?? Infinity);
    expect(Math.max(...firsts)).toBeLessThan(200);
    expect(percentile(firsts, 0.95)).toBeLessThanOrEqual(120);
    expect(percentile(firsts, 0.5)).toBeLessThanOrEqual(80);
    expect(Math.min(...firsts)).toBeGreaterThan(40);
  });

  it('hears a first word with gaps, as in “stop”, 100 ms after its first sound', () => {
    const word = addSound(line(1000), sine(samplesOf(600), 700, -20), samplesOf(90));
    for (const [fromMs, forMs] of [
      [0, 30],
      [50, 30],
    ] as const)
      addSound(word, sine(samplesOf(forMs), 2800, -30), samplesOf(fromMs));
    const [start] = listen(joined(line(2000), word));
    expect(start).toMatchObject({ type: 'started', onsetMs: 100, atMs: 2100 });
  });

  it('hears them over steady noise at 12 dB too', () => {
    const firsts = voices.filter((_, i) => i % 4 === 0).map((file, i) => startsIn(file, i, -34)[0] ?? Infinity);
    expect(Math.max(...firsts)).toBeLessThan(600);
    expect(percentile(firsts, 0.5)).toBeLessThan(200);
  });

  it('tells when the voice began and how long it has been quiet', () => {
    const track = joined(line(2000), addSound(line(500), sine(8000, 700, -20), 0), line(1000));
    const [start, stop, ...more] = listen(track);
    expect(start).toMatchObject({ type: 'started', onsetMs: 60, atMs: 2060 });
    expect((start as { levelDb: number }).levelDb).toBeCloseTo(-20, 0);
    expect(stop).toMatchObject({ type: 'stopped', quietMs: 120, echo: false });
    expect(Math.abs(stop!.atMs - 2620)).toBeLessThanOrEqual(20);
    expect(more).toEqual([]);
  });

  it('shows its state and the level of the last frame', () => {
    const detector = createVoiceDetector();
    for (let i = 0; i < 5; i += 1) detector.step(sine(320, 1000, -18), -100);
    expect(detector.voiced).toBe(true);
    expect(detector.levelDb).toBeCloseTo(-18, 1);
    detector.step(new Int16Array(320), -100);
    expect(detector.levelDb).toBe(-100);
  });

  it('takes the tones of the emulators for one voice, word after word', () => {
    const words = ['Breakfast', 'is', 'from', 'seven', 'to', 'ten,', 'every', 'day', 'of', 'the', 'week.'];
    const speech = joined(...words.map((word, i) => encodeWord(word, i)));
    const ms = speech.length / 16;
    const heard = listen(joined(line(1000), addSound(line(ms + 500), speech, 0)));
    expect(heard.map(({ type }) => type)).toEqual(['started', 'stopped']);
    expect(heard[0]!.atMs).toBe(1060);
    expect(Math.abs(heard[1]!.atMs - (1000 + ms - 20 + 120))).toBeLessThanOrEqual(20);
  });

  it('is not started by clicks, taps, knocks and a thump of 40 ms, wherever they fall in a frame', () => {
    for (let shift = 0; shift < 320; shift += 45) {
      const click = Int16Array.from({ length: 24 }, (_, i) => (i % 2 ? -20_000 : 20_000));
      const thump = sine(640, 220, -14);
      const sounds = [
        click,
        thump,
        ...['noise-key-tap.wav', 'noise-typing.wav', 'noise-knock.wav'].map((file) => voiceSound({ file })),
      ];
      const track = line(9000);
      for (const [i, sound] of sounds.entries()) addSound(track, sound, samplesOf(2000 + 1300 * i) + shift);
      expect(listen(track)).toEqual([]);
    }
  });

  it('hears nothing in silence, zeros, hum and line noise', () => {
    expect(listen(new Int16Array(samplesOf(3000)))).toEqual([]);
    expect(listen(line(4000, -52))).toEqual([]);
    expect(listen(addSound(line(4000), sine(samplesOf(4000), 50, -25), 0))).toEqual([]);
    expect(listen(joined(new Int16Array(samplesOf(1000)), line(3000, -55), new Int16Array(samplesOf(500))))).toEqual(
      [],
    );
  });

  it('lets go of a noise that has come to stay, and then hears a voice over it', () => {
    const track = joined(line(3000), line(9000, -34));
    addSound(track, voiceSound(fixture('ordinary-price.wav')), samplesOf(9000));
    const heard = listen(track);
    const [noiseOn, noiseOff, voiceOn] = heard;
    expect(noiseOn).toMatchObject({ type: 'started', atMs: 3060 });
    expect(noiseOff!.atMs).toBeLessThan(5000);
    expect(voiceOn!.atMs).toBeGreaterThan(9000);
    expect(voiceOn!.atMs).toBeLessThan(9200);
    expect(heard.at(-1)!.type).toBe('stopped');
  });

  it('is not held on by a cafe 10 dB below the caller', () => {
    const track = addSound(line(40_000), cafe(40_000, -32), 0);
    for (let at = 4000; at < 36_000; at += 6000)
      addSound(track, voiceSound(fixture('ordinary-price.wav')), samplesOf(at));
    const detector = createVoiceDetector();
    const voiced = framesOf(track).map((frame) => (detector.step(frame, -100), detector.voiced));
    const between = (fromMs: number, toMs: number) => voiced.slice(fromMs / 20, toMs / 20).filter(Boolean).length * 20;
    for (let at = 4000; at < 36_000; at += 6000) {
      expect(between(at, at + 2700)).toBeGreaterThan(1000);
      expect(between(at + 3200, at + 6000)).toBeLessThan(1000);
    }
  });

  it('takes side talk far below the caller for noise once it knows the caller', () => {
    const track = line(12_000);
    addSound(track, voiceSound(fixture('ordinary-price.wav')), samplesOf(2000));
    addSound(track, voiceSound(fixture('pause-dog-0.wav')), samplesOf(6000), -24);
    addSound(track, voiceSound(fixture('ordinary-lake.wav')), samplesOf(9000), -4);
    const starts = started(listen(track)).filter((atMs) => atMs > 5000);
    expect(starts[0]).toBeGreaterThan(9000);
    expect(starts[0]).toBeLessThan(9250);
  });

  it('keeps to the options it was given', () => {
    const track = joined(line(2000), addSound(line(1000), sine(samplesOf(300), 700, -40), 0));
    expect(started(listen(track, { onsetMs: 100 }))).toEqual([2100]);
    expect(listen(track, { hangoverMs: 300 })[1]).toMatchObject({ quietMs: 300 });
    expect(listen(track, { leastLevelDb: -35 })).toEqual([]);
    expect(listen(track, { echoReturnDb: -20 }, -15)).toEqual([]);
    expect(() => createVoiceDetector({ onsetMs: undefined as never })).not.toThrow();
  });
});

/** Six people talking at once, at this level. */
function cafe(ms: number, db: number): Int16Array {
  const random = randomly(7);
  const table = new Int16Array(samplesOf(ms));
  for (let person = 0; person < 6; person += 1) {
    for (let at = -samplesOf(1000 * random()); at < table.length;) {
      const sound = voiceSound(voices[Math.floor(random() * voices.length)]!);
      addSound(table, sound, Math.round(at), -12);
      at += sound.length + samplesOf(200 * random());
    }
  }
  return addSound(new Int16Array(table.length), table, 0, db - levelDb(table));
}
