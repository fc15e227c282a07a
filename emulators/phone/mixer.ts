/** A voice that is being heard beside others. */
export interface Voice {
  push(frame: Int16Array): void;
  /** No more will come. */
  end(): void;
}

/** Frames a voice may be ahead of the leading one; older ones are dropped. */
const mostAhead = 10;

/**
 * Every audio track of the room reaches the caller. The voice that came first leads: its frames are passed on as they arrive, with
 * what the others had ready, so that one voice alone is never touched by a timer.
 */
export function createMixer(hear: (frame: Int16Array) => void): { add(): Voice } {
  const voices: { readonly ready: Int16Array[] }[] = [];

  function push(voice: { readonly ready: Int16Array[] }, frame: Int16Array): void {
    if (voice !== voices[0]) {
      voice.ready.push(frame);
      if (voice.ready.length > mostAhead) voice.ready.shift();
      return;
    }
    const others = voices.slice(1).map(({ ready }) => ready.shift());
    hear(others.reduce<Int16Array>((sum, other) => (other ? mix(sum, other) : sum), frame));
  }

  return {
    add() {
      const voice = { ready: [] };
      voices.push(voice);
      return {
        push: (frame) => push(voice, frame),
        end() {
          const at = voices.indexOf(voice);
          if (at >= 0) voices.splice(at, 1);
          if (at === 0) for (const frame of voices[0]?.ready.splice(0) ?? []) hear(frame);
        },
      };
    },
  };
}

const mix = (a: Int16Array, b: Int16Array): Int16Array =>
  a.map((sample, i) => Math.max(-32_768, Math.min(32_767, sample + (b[i] ?? 0))));
