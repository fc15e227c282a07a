import { sampleRateHz, samplesOf } from '../../audio/pcm.ts';

const notesHz = [660, 550];
const noteMs = 180;
const loudness = 5000;

/** Two soft falling notes: the caller hears that somebody is there, where no words can be had. */
export function chime(): Int16Array {
  const length = samplesOf(noteMs);
  const pcm = new Int16Array(length * notesHz.length);
  notesHz.forEach((hz, note) => {
    for (let i = 0; i < length; i += 1) {
      const swell = Math.sin((Math.PI * i) / length);
      pcm[note * length + i] = loudness * swell * Math.sin((2 * Math.PI * hz * i) / sampleRateHz);
    }
  });
  return pcm;
}
