import { decodeMulaw, encodeMulaw } from '../../src/audio/mulaw.ts';
import { levelDb } from '../../src/audio/pcm.ts';
import { createToneDecoder } from '../tones/codec.ts';
import { lineFrameMs, lineFrameSamples, lineRateHz, widened } from './telephone-band.ts';
import type { PhoneEvent, Recording } from './types.ts';

export type EarEvent = PhoneEvent extends infer E
  ? E extends { type: 'heard.word' | 'heard.damaged' | 'sound.began' | 'sound.ended' }
    ? Omit<E, 'atMs'>
    : never
  : never;

export interface Ear {
  /** One frame of all voices together: 20 ms at 8 kHz, as it arrived at `atMs`. Gives it back as the telephone plays it. */
  hear(frame: Int16Array, atMs: number): Int16Array;
  recording(): Recording;
}

/** Sound is over after this much quiet. */
const hangoverMs = 200;
const mostFrames = (60 * 60_000) / lineFrameMs;

/** The telephone at the caller's ear: mu-law, words from tones, sound and silence, and a record of the first hour. */
export function createEar(report: (event: EarEvent) => void, soundDb: number): Ear {
  const decoder = createToneDecoder({ sampleRateHz: lineRateHz });
  const watchSound = createSoundWatch(report, soundDb);
  const frames: Uint8Array[] = [];
  const frameMs: number[] = [];
  let frameCount = 0;
  const recentMs: number[] = [];

  /** From recent frames: a word is at most some seconds old when it is read, and its end may lie in the frame to come. */
  function timeOf(sample: number): number {
    const firstKept = frameCount - recentMs.length;
    const frame = Math.min(Math.max(Math.floor(sample / lineFrameSamples), firstKept), frameCount - 1);
    return (recentMs[frame - firstKept] ?? 0) + ((sample - frame * lineFrameSamples) * 1000) / lineRateHz;
  }

  return {
    hear(frame, atMs) {
      const line = encodeMulaw(frame);
      const heard = decodeMulaw(line);
      frameCount += 1;
      recentMs.push(atMs);
      if (recentMs.length > 1000) recentMs.shift();
      if (frames.length < mostFrames) {
        frames.push(line);
        frameMs.push(atMs);
      }
      watchSound(heard, atMs);
      for (const event of decoder.push(heard)) {
        const place = { startMs: timeOf(event.startSample), endMs: timeOf(event.endSample) };
        if (event.type === 'damaged') report({ type: 'heard.damaged', ...place });
        else report({ type: 'heard.word', number: event.number, text: event.text, ...place });
      }
      return heard;
    },
    recording: () => ({
      pcm: widened(decodeMulaw(Buffer.concat(frames))),
      frameMs: Float64Array.from(frameMs),
    }),
  };
}

function createSoundWatch(report: (event: EarEvent) => void, soundDb: number) {
  let startMs: number | undefined;
  let lastMs = 0;
  return (frame: Int16Array, atMs: number): void => {
    if (levelDb(frame) > soundDb) {
      if (startMs === undefined) report({ type: 'sound.began', startMs: atMs });
      startMs ??= atMs;
      lastMs = atMs + lineFrameMs;
    } else if (startMs !== undefined && atMs - lastMs >= hangoverMs) {
      report({ type: 'sound.ended', startMs, endMs: lastMs });
      startMs = undefined;
    }
  };
}
