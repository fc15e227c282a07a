/** All audio inside the house: signed 16-bit mono PCM at this rate. */
export const sampleRateHz = 16_000;

/** One frame, as read from the caller and as handed to the network. */
export const frameMs = 20;
export const frameSamples = (sampleRateHz * frameMs) / 1000;

export const samplesOf = (durationMs: number): number => Math.round((durationMs * sampleRateHz) / 1000);
export const msOf = (samples: number): number => (samples * 1000) / sampleRateHz;

/** Level of a frame in dB relative to full scale; digital silence is -100. */
export function levelDb(frame: Int16Array): number {
  let sum = 0;
  for (const sample of frame) sum += sample * sample;
  const rms = Math.sqrt(sum / Math.max(1, frame.length)) / 32_768;
  return rms < 1e-5 ? -100 : 20 * Math.log10(rms);
}
