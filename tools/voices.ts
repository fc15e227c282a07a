// Renders the spoken fixtures of the conversation suite into test/fixtures/voices. Needs espeak-ng and sox;
// the files are committed, so that tests need neither. Run: node tools/run.js tools/voices.ts
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { writeWav } from '../src/audio/wav.ts';
import type { VoiceFixture } from '../emulators/voices/index.ts';
import { noises, renderNoise } from './voices/noises.ts';
import { lines, type Line } from './voices/script.ts';
import { alignWords, durationMs, renderSpeech } from './voices/speech.ts';

const folder = resolve(import.meta.dirname, '../test/fixtures/voices');
const voices = { en: ['en-us', 'en-us+f2', 'en-gb+m3', 'en-gb+f4'], de: ['de+m3', 'de+f2'], ru: ['ru+f3', 'ru+m1'] };
/** Listeners say these in 200 to 600 ms. */
const longestBackchannelMs = 600;

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const index = [...lines.flatMap((line, i) => renderLine(line, i)), ...noises.map(renderOne)];
writeFileSync(resolve(folder, 'index.json'), `${JSON.stringify(index, null, 2)}\n`);
console.log(
  `${index.length} files, ${Math.round(index.reduce((sum, { durationMs }) => sum + durationMs, 0) / 1000)} s`,
);

function renderLine(line: Line, i: number): VoiceFixture[] {
  const { name, kind, language, sort } = line;
  const choices = voices[language];
  const voice = choices[i % choices.length]!;
  return line.parts.map((text, part) => {
    const pcm = speak(line.sounds ?? text, line, voice, i);
    const parts = line.parts.length > 1 ? { group: name, part } : {};
    const file = line.parts.length > 1 ? `${name}-${part}.wav` : `${name}.wav`;
    save(file, pcm);
    return {
      file,
      kind,
      ...(sort && { sort }),
      ...parts,
      language,
      voice,
      text,
      durationMs: durationMs(pcm),
      words: alignWords(pcm, text),
    };
  });
}

function speak(text: string, { kind, language }: Line, voice: string, i: number): Int16Array {
  for (let wordsPerMinute = 150; ; wordsPerMinute += 20) {
    const pcm = renderSpeech(text, { language, voice, wordsPerMinute, pitch: 40 + ((i * 7) % 25) });
    if (kind !== 'backchannel' || durationMs(pcm) <= longestBackchannelMs || wordsPerMinute > 300) return pcm;
  }
}

function renderOne(noise: (typeof noises)[number]): VoiceFixture {
  const pcm = renderNoise(noise);
  const file = `${noise.name}.wav`;
  save(file, pcm);
  return { file, kind: 'noise', sort: noise.sort, text: '', durationMs: durationMs(pcm), words: [] };
}

function save(file: string, pcm: Int16Array): void {
  writeFileSync(resolve(folder, file), writeWav({ sampleRateHz: 8000, pcm }, 'mulaw'));
}
