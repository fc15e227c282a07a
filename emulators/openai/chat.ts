import type { ServerResponse } from 'node:http';
import { type Answering, type Asked, modelRefusal, refuse, stream } from './answering.ts';
import { piecesOf, randomId } from './chunks.ts';
import { goingOn } from './going-on.ts';
import { paceOf } from './pace.ts';
import { type Completion, isRefusal, type Provider, readCompletion, tooMany } from './request.ts';
import type { Answer, Ask } from './script.ts';

const done = 'data: [DONE]\n\n';

/** Answers chat completions, streamed, by what `think` says. */
export function chatOf(answering: Answering, think: (ask: Ask) => Promise<Answer>) {
  const { journal, settings } = answering;
  let active = 0;

  return async function complete(provider: Provider, text: string, arrival: Asked, response: ServerResponse) {
    const body = readCompletion(provider, text);
    if (isRefusal(body)) return refuse(response, body);
    const refusal =
      modelRefusal(answering, provider, body.model) ?? (active >= settings.values.concurrency ? tooMany : undefined);
    if (refusal) return refuse(response, refusal);
    active += 1;
    response.once('close', () => (active -= 1));
    const id = `chatcmpl-${randomId()}`;
    const { number: connection } = arrival.connection;
    journal.note('completion.asked', { connection, id, provider, body });
    const ask = { model: body.model, messages: body.messages, tools: body.tools ?? [] };
    const answer = await goingOn(ask, think);
    const pieces = piecesOf(answer, { ...chunkOptions(body, settings.values.usage), provider, id });
    const question = `${body.messages.length} ${body.messages.at(-1)?.content}`;
    const dueMs = paceOf(pieces, settings.values, `${settings.values.seed} ${arrival.scenario} ${question}`);
    journal.note('completion.answered', { connection, id, answer, dueMs });
    await stream(pieces, dueMs, arrival, response, { text: done, afterMs: settings.values.endMs });
    journal.note('completion.ended', { connection, id, complete: response.writableEnded && !response.destroyed });
  };
}

const chunkOptions = (body: Completion, usage: boolean) => ({
  model: body.model,
  usage: usage && (body.stream_options?.include_usage ?? false),
  groqUsage: usage,
  promptWords: body.messages.reduce((sum, { content }) => sum + (content ?? '').split(/\s+/).length, 0),
});
