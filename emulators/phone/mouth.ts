import type { Clock } from '../../src/clock.ts';
import { lineFrameMs, lineFrameSamples, lineRateHz } from './telephone-band.ts';
import type { Spoken } from './types.ts';

/** What sound goes into: a native source with a queue of its own. */
export interface MouthSink {
  /** Takes 20 ms at 8 kHz. One call at a time. */
  capture(frame: Int16Array): Promise<void>;
  /** How much it holds that has not left yet, ms. */
  queuedMs(): number;
  clear(): void;
}

export interface Mouth {
  /** Begins to send: comfort sound, and what is said. */
  open(): void;
  /** Sends nothing more until `open`. What is being said waits. */
  close(): void;
  /** Says 8 kHz PCM after what is being said. Resolves when its last sample has left, was hushed, or the mouth was shut. */
  say(pcm: Int16Array): Promise<Spoken>;
  hush(): void;
  /** For good. Resolves when the sink is left alone. */
  shut(): Promise<void>;
}

interface Utterance {
  readonly number: number;
  readonly pcm: Int16Array;
  readonly done: (spoken: Spoken) => void;
  at: number;
  startMs?: number;
}

/** Kept in the native queue: what an event loop may be late without a hole in the sound. */
const leadMs = 40;
const tickMs = 10;

/**
 * Sends frames as fast as the sink lets them out, so that a stall makes a hole and never a delay that stays. `add` may change
 * each frame before it leaves.
 */
export function createMouth(options: {
  readonly clock: Clock;
  readonly sink: MouthSink;
  readonly comfort: () => Int16Array;
  readonly add: (frame: Int16Array) => Int16Array;
  readonly began: (utterance: number, startMs: number) => void;
  readonly ended: (spoken: Spoken) => void;
}): Mouth {
  const { clock, sink, comfort, add, began, ended } = options;
  const waiting: Utterance[] = [];
  let running: AbortController | undefined;
  let sending = Promise.resolve();
  let utterances = 0;
  let isShut = false;

  async function send(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (sink.queuedMs() < leadMs) await sink.capture(add(nextFrame()));
      else await new Promise<void>((resolve) => clock.setTimeout(resolve, tickMs));
    }
  }

  function nextFrame(): Int16Array {
    const utterance = waiting[0];
    if (!utterance) return comfort();
    const leavesMs = clock.now() + sink.queuedMs();
    if (utterance.startMs === undefined) {
      utterance.startMs = leavesMs;
      began(utterance.number, leavesMs);
    }
    const frame = new Int16Array(lineFrameSamples);
    frame.set(utterance.pcm.subarray(utterance.at, utterance.at + lineFrameSamples));
    utterance.at += lineFrameSamples;
    if (utterance.at >= utterance.pcm.length) {
      waiting.shift();
      const overMs = msOf(utterance.at - utterance.pcm.length);
      finishAt(utterance, leavesMs + lineFrameMs - overMs);
    }
    return frame;
  }

  function finishAt(utterance: Utterance, endMs: number): void {
    clock.setTimeout(() => finish(utterance, endMs, undefined), Math.max(0, endMs - clock.now()));
  }

  function finish({ number, startMs, done, pcm }: Utterance, endMs: number, unsaid: number | undefined): void {
    const saidMs = msOf(pcm.length) - (unsaid ?? 0);
    const spoken = { utterance: number, startMs: startMs ?? endMs, endMs, cut: unsaid !== undefined, saidMs };
    if (startMs !== undefined) ended(spoken);
    done(spoken);
  }

  /** `lostMs`: what the sink held and dropped. */
  function dropAll(lostMs: number): void {
    for (const utterance of waiting.splice(0)) {
      const leftMs = Math.max(0, msOf(utterance.at) - lostMs);
      finish(utterance, clock.now(), msOf(utterance.pcm.length) - leftMs);
    }
  }

  return {
    open() {
      if (running || isShut) return;
      running = new AbortController();
      // A source that was closed under us: the call is over.
      sending = send(running.signal).catch(() => dropAll(0));
    },
    close() {
      running?.abort();
      running = undefined;
    },
    say(pcm) {
      utterances += 1;
      const number = utterances;
      if (isShut) {
        const nowMs = clock.now();
        return Promise.resolve({ utterance: number, startMs: nowMs, endMs: nowMs, cut: true, saidMs: 0 });
      }
      return new Promise((done) => void waiting.push({ number, pcm, done, at: 0 }));
    },
    hush() {
      const lostMs = sink.queuedMs();
      sink.clear();
      dropAll(lostMs);
    },
    shut() {
      isShut = true;
      running?.abort();
      dropAll(sink.queuedMs());
      return sending;
    },
  };
}

const msOf = (samples: number): number => (samples * 1000) / lineRateHz;
