import { frameMs, frameSamples, levelDb } from '../../../src/audio/pcm.ts';

/** What the phone heard of the agent: 16 kHz PCM whose first sample was heard at `startMs`. */
export interface Recording {
  readonly pcm: Int16Array;
  readonly startMs: number;
}

/** A stretch of time, ms, on the clock of the recording. */
export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

/** The agent's sound in frames of 20 ms. */
export interface AgentSound extends Span {
  levelDb(atMs: number): number;
  sounds(atMs: number): boolean;
  /** Whether there is any sound in the span. */
  soundsIn(span: Span): boolean;
  /** Stretches without sound of at least this length, in order; they may reach the recording's ends. */
  silences(leastMs: number): Span[];
}

export function agentSound({ pcm, startMs }: Recording, soundDb: number): AgentSound {
  const frames = Math.floor(pcm.length / frameSamples);
  const levels = Array.from({ length: frames }, (_, i) =>
    levelDb(pcm.subarray(i * frameSamples, (i + 1) * frameSamples)),
  );
  const endMs = startMs + frames * frameMs;
  const at = (ms: number) => levels[Math.floor((ms - startMs) / frameMs)] ?? -100;

  function soundsIn(span: Span): boolean {
    const from = Math.max(0, Math.floor((span.startMs - startMs) / frameMs));
    return levels.slice(from, Math.max(from, Math.ceil((span.endMs - startMs) / frameMs))).some((db) => db > soundDb);
  }

  function silences(leastMs: number): Span[] {
    const found: Span[] = [];
    let from = 0;
    for (let i = 0; i <= frames; i += 1) {
      if (i < frames && levels[i]! <= soundDb) continue;
      if ((i - from) * frameMs >= leastMs)
        found.push({ startMs: startMs + from * frameMs, endMs: startMs + i * frameMs });
      from = i + 1;
    }
    return found;
  }

  return { startMs, endMs, levelDb: at, sounds: (ms) => at(ms) > soundDb, soundsIn, silences };
}
