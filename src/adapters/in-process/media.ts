import { frameMs, frameSamples, msOf, samplesOf } from '../../audio/pcm.ts';
import type { Clock, TimerId } from '../../clock.ts';
import type { AudioSink } from '../line/sink.ts';

const sinkBoundMs = 100;

/** Samples in the order in which they came; `take` fills up with silence. */
function createSampleQueue() {
  let queue = new Int16Array(0);
  return {
    put(pcm: Int16Array): void {
      const longer = new Int16Array(queue.length + pcm.length);
      longer.set(queue);
      longer.set(pcm, queue.length);
      queue = longer;
    },
    take(samples: number): Int16Array {
      const taken = new Int16Array(samples);
      if (queue.length === 0) return taken;
      taken.set(queue.subarray(0, samples));
      queue = queue.slice(samples);
      return taken;
    },
    clear: () => void (queue = new Int16Array(0)),
    length: () => queue.length,
  };
}

export interface MediaPath {
  /** What the agent's player plays into. */
  readonly sink: AudioSink;
  /** The caller's voice; played towards the agent in real time. */
  speak(pcm: Int16Array): void;
  start(): void;
  stop(): void;
}

/** What a 20 ms beat moves, both ways. A frame to the caller arrives `transitMs` (rounded up to a beat) after it left the sink. */
export function createMediaPath(options: {
  readonly clock: Clock;
  readonly transitMs: number;
  readonly toCaller: (frame: Int16Array) => void;
  readonly toAgent: (frame: Int16Array) => void;
  /** Nothing is moved while there is nothing but silence: of hundreds of rooms a process could not move it. */
  readonly leavesOutSilence?: boolean;
}): MediaPath {
  const { clock, transitMs, toCaller, toAgent, leavesOutSilence = false } = options;
  const transitFrames = Math.ceil(transitMs / frameMs);
  const out = createSampleQueue();
  const voice = createSampleQueue();
  let onTheWay: Int16Array[] = [];
  let release: (() => void) | undefined;
  let timer: TimerId | undefined;
  let silentBeats = 0;

  function beat(): void {
    timer = clock.setTimeout(beat, frameMs);
    silentBeats = out.length() + voice.length() > 0 ? 0 : silentBeats + 1;
    if (leavesOutSilence && silentBeats > transitFrames + 1) return;
    onTheWay.push(out.take(frameSamples));
    if (msOf(out.length()) <= sinkBoundMs) letGo();
    if (onTheWay.length > transitFrames) toCaller(onTheWay.shift() ?? new Int16Array(frameSamples));
    toAgent(voice.take(frameSamples));
  }

  function letGo(): void {
    release?.();
    release = undefined;
  }

  function capture(frame: Int16Array): Promise<void> {
    if (release) return Promise.reject(new Error('a capture is pending'));
    out.put(frame);
    if (out.length() <= samplesOf(sinkBoundMs)) return Promise.resolve();
    return new Promise((resolve) => (release = resolve));
  }

  return {
    sink: { capture, clear: out.clear, queuedMs: () => msOf(out.length()) },
    speak: voice.put,
    start: () => void (timer ??= clock.setTimeout(beat, frameMs)),
    stop() {
      if (timer !== undefined) clock.clearTimeout(timer);
      timer = undefined;
      out.clear();
      voice.clear();
      onTheWay = [];
      letGo();
    },
  };
}
