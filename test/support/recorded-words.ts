import { readFile } from 'node:fs/promises';
import { createToneDecoder } from '../../emulators/tones/codec.ts';
import { openBrowser } from '../console/browser.ts';

const sampleRateHz = 16_000;

/** Words read from the tones in a file of sound, channel by channel. The browser of the console's tests decodes it. */
export async function recordedWords(path: string): Promise<readonly (readonly string[])[]> {
  const file = (await readFile(path)).toString('base64');
  return (await decoded(file)).map((channel) => wordsIn(Int16Array.from(channel)));
}

/** The words in 16 kHz PCM. */
export function wordsIn(pcm: Int16Array): readonly string[] {
  const decoder = createToneDecoder({ sampleRateHz });
  return [...decoder.push(pcm), ...decoder.flush()].flatMap((event) => (event.type === 'word' ? event.text : []));
}

async function decoded(file: string): Promise<readonly (readonly number[])[]> {
  const browser = await openBrowser();
  try {
    const { page } = await browser.open();
    return await page.evaluate<number[][]>(decoding(file));
  } finally {
    await browser.close();
  }
}

/** Gives 16-bit samples of each channel. */
const decoding = (file: string): string => `(async () => {
  const bytes = Uint8Array.from(atob('${file}'), (letter) => letter.charCodeAt(0));
  const sound = await new OfflineAudioContext(1, 1, ${sampleRateHz}).decodeAudioData(bytes.buffer);
  const channels = Array.from({ length: sound.numberOfChannels }, (_, index) => sound.getChannelData(index));
  return channels.map((samples) => Array.from(samples, (sample) => Math.round(sample * 32767)));
})()`;
