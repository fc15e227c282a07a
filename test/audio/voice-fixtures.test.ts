import { readFileSync, readdirSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createToneDecoder } from '../../emulators/tones/codec.ts';
import { voiceFixtures, voiceSound } from '../../emulators/voices/index.ts';
import { levelDb } from '../../src/audio/pcm.ts';
import { readWav } from '../../src/audio/wav.ts';

const folder = new URL('../fixtures/voices/', import.meta.url);
const fixtures = voiceFixtures();
const turns = (kind: string) =>
  new Set(fixtures.filter((each) => each.kind === kind).map(({ group, file }) => group ?? file));

describe('the spoken fixtures', () => {
  it('are all there, ten of each kind and a dozen ordinary lines, below 2 MB', () => {
    for (const kind of ['interruption', 'backchannel', 'noise', 'pause', 'spelled']) expect(turns(kind).size).toBe(10);
    expect(turns('ordinary').size).toBeGreaterThanOrEqual(12);
    const files = readdirSync(folder).filter((file) => file.endsWith('.wav'));
    expect(files.sort()).toEqual(fixtures.map(({ file }) => file).sort());
    expect(files.reduce((sum, file) => sum + statSync(new URL(file, folder)).size, 0)).toBeLessThan(2e6);
  });

  it('are telephone sound of the length and level that the index tells', () => {
    for (const { file, durationMs, kind } of fixtures) {
      const { sampleRateHz, pcm } = readWav(readFileSync(new URL(file, folder)));
      expect(sampleRateHz).toBe(8000);
      expect(Math.abs(pcm.length / 8 - durationMs)).toBeLessThan(1);
      if (kind !== 'noise') expect(levelDb(pcm)).toBeGreaterThan(-28);
      expect(levelDb(pcm)).toBeLessThan(-18);
    }
  });

  it('have their words in order, inside the sound, and their parts numbered', () => {
    for (const { text, words, durationMs, kind } of fixtures) {
      expect(words.map((word) => word.text).join(' ')).toBe(text);
      expect(text === '').toBe(kind === 'noise');
      for (const [i, { startMs, endMs }] of words.entries()) {
        expect(startMs).toBeLessThan(endMs);
        expect(startMs).toBeGreaterThanOrEqual(words[i - 1]?.endMs ?? 0);
        expect(endMs).toBeLessThanOrEqual(durationMs);
      }
    }
    for (const group of turns('spelled')) {
      expect(fixtures.filter((each) => each.group === group).map(({ part }) => part)).toEqual([0, 1, 2]);
    }
    for (const group of turns('pause')) {
      expect(fixtures.filter((each) => each.group === group).map(({ part }) => part)).toEqual([0, 1]);
    }
  });

  it('keep backchannels to 200 to 600 ms', () => {
    for (const { kind, durationMs } of fixtures) {
      if (kind === 'backchannel') expect(durationMs >= 200 && durationMs <= 600).toBe(true);
    }
  });

  it('are never taken for words carried in tones', () => {
    const decoder = createToneDecoder({ sampleRateHz: 16_000 });
    const events = fixtures.flatMap((each) => decoder.push(voiceSound(each)));
    expect([...events, ...decoder.flush()]).toEqual([]);
  });
});
