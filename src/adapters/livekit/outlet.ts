import { sampleRateHz } from '../../audio/pcm.ts';
import type { AudioSink } from '../line/sink.ts';
import type { LocalAudioTrack, Rtc } from './rtc.ts';

/** More than the player keeps in it, so that a capture never waits. Any other than a multiple of 10 aborts the process. */
const nativeQueueMs = 100;
/** The native source takes that much at a time. */
const tickMs = 10;

/** The agent's track and the source behind it. */
export interface Outlet {
  readonly sink: AudioSink;
  readonly track: LocalAudioTrack;
  close(): Promise<void>;
}

export function createOutlet(rtc: Rtc): Outlet {
  const source = new rtc.AudioSource(sampleRateHz, 1, nativeQueueMs);
  const track = rtc.LocalAudioTrack.createAudioTrack('agent', source);
  let lastCapture: Promise<void> = Promise.resolve();
  let open = true;

  const sink: AudioSink = {
    capture(frame) {
      const captured = source.captureFrame(new rtc.AudioFrame(frame, sampleRateHz, 1, frame.length));
      lastCapture = captured.catch(() => undefined);
      return captured;
    },
    clear() {
      if (open) source.clearQueue();
    },
    // rtc-node's estimate runs on evenly and is off by less than a tick; whole ticks are what can have left. Following the native
    // ticks by their measured phase was tried: no fewer words were hurt at a duck.
    queuedMs: () => Math.round(source.queuedDuration / tickMs) * tickMs,
  };

  return {
    sink,
    track,
    async close() {
      if (!open) return;
      open = false;
      // A source closed under a capture leaves its listener behind for ever.
      await lastCapture;
      await track.close(true);
    },
  };
}
