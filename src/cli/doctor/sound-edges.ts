import { frameMs, frameSamples, levelDb } from '../../audio/pcm.ts';

/** Where the sound of an agent begins and ends at the caller's ear. `at`: when its first or its last frame was heard. */
export type SoundEdge = 'sound' | 'quiet';

const loudDb = -45;
/** A click is no sound. */
const beginsAfterFrames = 2;
/** Longer than any pause between two sentences. */
const quietAfterMs = 1200;

export function createSoundEdges(report: (edge: SoundEdge, at: number) => void): {
  hear(frame: Int16Array, at: number): void;
} {
  let loud: number[] = [];
  let lastLoud = 0;
  let sounding = false;
  return {
    hear(frame, at) {
      loud = levelDb(frame) > loudDb ? [...loud, at].slice(-beginsAfterFrames) : [];
      if (loud.length > 0) lastLoud = at;
      if (!sounding && loud.length === beginsAfterFrames) {
        sounding = true;
        report('sound', loud[0]!);
      }
      if (sounding && at - lastLoud >= quietAfterMs) {
        sounding = false;
        report('quiet', lastLoud + frameMs);
      }
    },
  };
}

/** Without the silence at its end. */
export function trimmed(pcm: Int16Array): Int16Array {
  let end = pcm.length;
  while (end > frameSamples && levelDb(pcm.subarray(end - frameSamples, end)) <= loudDb) end -= frameSamples;
  return pcm.slice(0, end);
}
