import { frameMs, sampleRateHz } from '../../audio/pcm.ts';
import type { RemoteTrack, Rtc } from './rtc.ts';

/** Reads one track at a time. */
export interface Inlet {
  /** Reads this track from now on and no other; again for the same one changes nothing. */
  read(track: RemoteTrack): void;
  stop(): void;
}

/** One dedicated loop per track: what is not read at once piles up in rtc-node's stream without a bound. */
export function createInlet(rtc: Rtc, hear: (frame: Int16Array) => void): Inlet {
  let reading: { readonly track: RemoteTrack; stop(): void } | undefined;

  function start(track: RemoteTrack) {
    const options = { sampleRate: sampleRateHz, numChannels: 1, frameSizeMs: frameMs };
    const reader = new rtc.AudioStream(track, options).getReader();
    let live = true;
    const pull = async () => {
      for (;;) {
        // oxlint-disable-next-line no-await-in-loop
        const { done, value } = await reader.read();
        if (done || !live) return;
        hear(value.data);
      }
    };
    pull().catch(() => undefined);
    return {
      track,
      stop() {
        live = false;
        reader.cancel().catch(() => undefined);
      },
    };
  }

  return {
    read(track) {
      if (reading?.track === track) return;
      reading?.stop();
      reading = undefined;
      try {
        reading = start(track);
      } catch {
        // The track went away while its event was on the way: there is nothing to hear.
      }
    },
    stop() {
      reading?.stop();
      reading = undefined;
    },
  };
}
