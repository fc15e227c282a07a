import type { ServerResponse } from 'node:http';
import type { Arrival } from '../kit/emulator.ts';
import { type Answering, modelRefusal, refuse } from './answering.ts';
import { isRefusal, type Provider } from './request.ts';
import { answerOf, readDictation, wordsIn } from './transcription.ts';
import { answerWhole } from './whole.ts';

/** Answers requests for transcriptions of whole utterances. */
export function hearingOf(answering: Answering) {
  const { journal, settings } = answering;

  return async function transcribe(
    provider: Provider,
    { body, type }: { readonly body: Uint8Array; readonly type: string },
    arrival: Arrival & { readonly cameAt: number },
    response: ServerResponse,
  ) {
    const dictation = await readDictation(provider, body, type);
    if (isRefusal(dictation)) return refuse(response, dictation);
    const refusal = modelRefusal(answering, provider, dictation.model);
    if (refusal) return refuse(response, refusal);
    const { number: connection } = arrival.connection;
    const text = wordsIn(dictation.sound);
    const { model, language, prompt, format } = dictation;
    const heldMs = Math.round((dictation.sound.pcm.length * 1000) / dictation.sound.sampleRateHz);
    journal.note('transcription.asked', { connection, provider, model, language, prompt, format, heldMs, text });
    const dueAt = arrival.cameAt + settings.values.transcriptionMs;
    await answerWhole(answerOf(dictation, text), arrival, response, dueAt);
    journal.note('transcription.ended', { connection, complete: response.writableEnded && !response.destroyed });
  };
}
