import type { Clip } from '../../actors/play-clip.ts';
import type { Voice } from '../../actors/voice.ts';
import { samplesOf } from '../../audio/pcm.ts';
import type { Failure } from '../../failure.ts';

/** Has a voice speak one phrase into memory. A failure is the value; the signal bounds it. */
export function renderClip(
  voice: Voice,
  phrase: { readonly text: string; readonly language: string; readonly id: string },
  signal: AbortSignal,
): Promise<Clip | Failure | 'aborted'> {
  const { promise, resolve } = Promise.withResolvers<Clip | Failure | 'aborted'>();
  const chunks: Int16Array[] = [];
  const words: { text: string; startSample: number; endSample: number }[] = [];
  signal.addEventListener('abort', () => resolve('aborted'), { once: true });
  const utterance = voice.utter({ signal, id: phrase.id, language: phrase.language }, (fact) => {
    if (fact.type === 'voice.audio') chunks.push(fact.pcm);
    if (fact.type === 'voice.failed') resolve(fact.failure);
    if (fact.type === 'voice.done') resolve({ text: phrase.text, pcm: joined(chunks), words });
    if (fact.type === 'voice.words')
      for (const { text, startMs, endMs } of fact.words)
        words.push({ text, startSample: samplesOf(startMs), endSample: samplesOf(endMs) });
  });
  utterance.say(phrase.text);
  utterance.end();
  return promise;
}

function joined(chunks: readonly Int16Array[]): Int16Array {
  const whole = new Int16Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
