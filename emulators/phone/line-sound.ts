import { throughTelephone } from './telephone-band.ts';
import { lineFrameMs, lineFrameSamples, lineRateHz } from './telephone-band.ts';

/** What a telephone line sends when nobody speaks: the same second of faint noise again and again, or exact zeros. */
export function createComfort(kind: 'noise' | 'zeros'): () => Int16Array {
  if (kind === 'zeros') return () => new Int16Array(lineFrameSamples);
  const second = throughTelephone(faintNoise(2 * lineRateHz));
  let at = 0;
  return () => {
    const frame = second.slice(at, at + lineFrameSamples);
    at = (at + lineFrameSamples) % second.length;
    return frame;
  };
}

/** About -66 dBFS, the same every time (Park-Miller). */
function faintNoise(samples: number): Int16Array {
  let state = 1;
  const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  return Int16Array.from({ length: samples }, () => Math.round((random() + random() + random() - 1.5) * 46));
}

export interface Echo {
  /** What the ear just heard. */
  take(heard: Int16Array): void;
  /** Adds what comes back by now. */
  addTo(frame: Int16Array): Int16Array;
}

/** The agent's voice on its way from the caller's ear into the caller's microphone. */
export function createEcho(options: { readonly db: number; readonly delayMs: number } | undefined): Echo {
  if (!options) return { take() {}, addTo: (frame) => frame };
  const gain = 10 ** (options.db / 20);
  const delayFrames = Math.round(options.delayMs / lineFrameMs);
  const path: Int16Array[] = [];
  return {
    take(heard) {
      path.push(heard);
      if (path.length > delayFrames + 5) path.shift();
    },
    addTo(frame) {
      const echo = path.length > delayFrames ? path.shift() : undefined;
      return echo ? frame.map((sample, i) => clamp(sample + gain * (echo[i] ?? 0))) : frame;
    },
  };
}

const clamp = (value: number): number => Math.max(-32_768, Math.min(32_767, Math.round(value)));
