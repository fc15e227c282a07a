/** Frames from before the opening: at most `maxSamples`, the oldest are dropped. */
export function createBacklog(maxSamples: number) {
  let frames: Int16Array[] = [];
  let samples = 0;

  function push(frame: Int16Array): void {
    frames.push(frame);
    samples += frame.length;
    while (samples > maxSamples && frames.length > 1) samples -= frames.shift()!.length;
  }

  function drain(): Int16Array[] {
    const drained = frames;
    frames = [];
    samples = 0;
    return drained;
  }

  return { push, drain };
}

/** Gathers frames into chunks of one size; a frame of just that size passes without being copied. */
export function createChunker(chunkSamples: number, send: (chunk: Int16Array) => void) {
  let chunk = new Int16Array(chunkSamples);
  let filled = 0;

  function push(frame: Int16Array): void {
    if (filled === 0 && frame.length === chunkSamples) return send(frame);
    for (let from = 0; from < frame.length;) {
      const piece = frame.subarray(from, from + chunkSamples - filled);
      chunk.set(piece, filled);
      filled += piece.length;
      from += piece.length;
      if (filled === chunkSamples) flush();
    }
  }

  function flush(): void {
    const full = chunk;
    chunk = new Int16Array(chunkSamples);
    filled = 0;
    send(full);
  }

  return { push };
}
