import { decodeMulaw, encodeMulaw } from '../../src/audio/mulaw.ts';
import { createDownsampler, createUpsampler } from '../../src/audio/resample.ts';

export const lineRateHz = 8000;
export const lineFrameMs = 20;
export const lineFrameSamples = (lineRateHz * lineFrameMs) / 1000;

/** 16 kHz PCM as a telephone passes it on: 8 kHz mu-law and back, 8 kHz PCM. */
export function throughTelephone(pcm: Int16Array): Int16Array {
  return decodeMulaw(encodeMulaw(createDownsampler().push(pcm)));
}

/** 8 kHz to 16 kHz. */
export const widened = (pcm: Int16Array): Int16Array => createUpsampler().push(pcm);
