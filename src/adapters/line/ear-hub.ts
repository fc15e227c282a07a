import type { Ear } from '../../actors/ear.ts';
import { frameMs } from '../../audio/pcm.ts';

const keptMs = 5_000;

export interface EarHub {
  readonly ear: Ear;
  /** A frame of the caller's, 20 ms at 16 kHz; it is kept, so it must not be written to afterwards. */
  push(frame: Int16Array): void;
  /** For how long nothing but digital silence has come, which a telephone that is there hardly ever sends. */
  deadAirMs(): number;
}

/** Hands the caller's frames to every listener at once and keeps the last 5 s for those who open late. */
export function createEarHub(): EarHub {
  const kept: Int16Array[] = [];
  let deadAirMs = 0;
  const listeners = new Set<(frame: Int16Array) => void>();
  const hand = (hear: (frame: Int16Array) => void, frame: Int16Array) => {
    try {
      hear(frame.slice());
    } catch {
      listeners.delete(hear);
    }
  };
  return {
    ear: {
      listen(hear, options) {
        // A wrapper, so that one function may listen twice.
        const listener = (frame: Int16Array) => hear(frame);
        listeners.add(listener);
        for (const frame of latest(kept, options?.replayMs ?? 0)) if (listeners.has(listener)) hand(listener, frame);
        return () => void listeners.delete(listener);
      },
    },
    push(frame) {
      deadAirMs = frame.some((sample) => sample !== 0) ? 0 : deadAirMs + frameMs;
      kept.push(frame);
      if (kept.length > keptMs / frameMs) kept.shift();
      for (const listener of listeners) hand(listener, frame);
    },
    deadAirMs: () => deadAirMs,
  };
}

function latest(frames: readonly Int16Array[], ms: number): Int16Array[] {
  const count = Math.min(frames.length, Math.ceil(ms / frameMs));
  return count > 0 ? frames.slice(-count) : [];
}
