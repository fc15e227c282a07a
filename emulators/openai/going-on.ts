import type { Answer, Ask } from './script.ts';

/**
 * A model that is asked to go on with an answer that was cut (its beginning as the assistant's, and then the system's wish) gives the
 * rest of the answer that it would have given. Where it would have said something else, it says that.
 */
export async function goingOn(ask: Ask, answerTo: (ask: Ask) => Promise<Answer>): Promise<Answer> {
  const [begun, wish] = ask.messages.slice(-2);
  if (wish?.role !== 'system' || begun?.role !== 'assistant' || begun.tool_calls) return answerTo(ask);
  const answer = await answerTo({ ...ask, messages: ask.messages.slice(0, -2) });
  const said = (begun.content ?? '').trimEnd();
  return answer.text?.startsWith(said) ? { ...answer, text: answer.text.slice(said.length).trimStart() } : answer;
}
