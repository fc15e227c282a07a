import { frameMs, frameSamples } from '../../../../src/audio/pcm.ts';

/**
 * Words that can be read from the very samples: no codec lies between these rooms and their callers. Each 20 ms frame of a word holds
 * who speaks, which frame of how many it is, and the word's letters, scaled so that a fade of the whole frame can be undone; the rest is a
 * tone, for whoever listens to levels.
 */
export interface SpokenFrame {
  readonly word: string;
  readonly frame: number;
  readonly frames: number;
}

const mark = 16_000;
const scale = 100;
const headSamples = 4;

/** So long is every word of the agent. */
export const wordMs = 240;
export const framesOfWord = wordMs / frameMs;

const tone = Int16Array.from({ length: frameSamples }, (_, at) => 6_000 * Math.sin((2 * Math.PI * 300 * at) / 16_000));

/** The sound of a word, as many frames long as are asked for. */
export function soundOf(word: string, frames = framesOfWord): Int16Array {
  const pcm = new Int16Array(frames * frameSamples);
  for (let frame = 0; frame < frames; frame += 1) pcm.set(frameOf({ word, frame, frames }), frame * frameSamples);
  return pcm;
}

function frameOf({ word, frame, frames }: SpokenFrame): Int16Array {
  const pcm = tone.slice();
  const letters = [...word].map((letter) => letter.charCodeAt(0));
  pcm.set([mark, frame * scale, frames * scale, letters.length * scale, ...letters.map((code) => code * scale)]);
  return pcm;
}

/** What a frame says; nothing for silence, and for what is no word. */
export function readFrame(pcm: Int16Array): SpokenFrame | undefined {
  const loud = pcm[0] ?? 0;
  if (loud < mark / 32) return undefined;
  const read = (at: number) => Math.round(((pcm[at] ?? 0) * mark) / loud / scale);
  const length = read(3);
  const letters = Array.from({ length }, (_, index) => String.fromCharCode(read(headSamples + index)));
  return { word: letters.join(''), frame: read(1), frames: read(2) };
}
