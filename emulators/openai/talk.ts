import type { ServerResponse } from 'node:http';
import { createWordNumbers } from '../cartesia/speech.ts';
import { type Answering, type Asked, modelRefusal, refuse, stream } from './answering.ts';
import { randomId } from './chunks.ts';
import { isRefusal } from './request.ts';
import { readSpeech, spokenIn } from './speech.ts';

/** Answers requests for speech, streamed. */
export function talkOf(answering: Answering) {
  const { journal, settings } = answering;
  // Apart from those of Cartesia's emulator: who hears a number knows who spoke.
  const nextNumber = createWordNumbers(32_768);

  return async function speak(text: string, arrival: Asked, response: ServerResponse) {
    const body = readSpeech(text);
    if (isRefusal(body)) return refuse(response, body);
    const refusal = modelRefusal(answering, 'openai', body.model);
    if (refusal) return refuse(response, refusal);
    const id = `speech-${randomId()}`;
    const { number: connection } = arrival.connection;
    const { firstAudioMs, chunkMs, realTimeFactor } = settings.values;
    const { words, pieces } = spokenIn(body.input, nextNumber, chunkMs);
    journal.note('speech.asked', { connection, id, body });
    journal.note('speech.generated', { connection, id, text: body.input, words });
    const dueMs = pieces.map((_, index) => firstAudioMs + (index * chunkMs) / realTimeFactor);
    await stream(pieces, dueMs, arrival, response, { text: '', afterMs: 0 });
    journal.note('speech.ended', { connection, id, complete: response.writableEnded && !response.destroyed });
  };
}
