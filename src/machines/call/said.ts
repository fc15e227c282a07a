import { restAfter } from '../../actors/heard-text.ts';
import type { ModelMessage } from '../../actors/reply-model.ts';
import type { AgentLine, CallContext, HistoryLine, Utterance } from './context.ts';
import { afterWords, endsInQuestion, plain, wordsOf } from './words.ts';

const textOf = (utterances: readonly Utterance[]): string =>
  utterances
    .map(({ text }) => text.trim())
    .filter(Boolean)
    .join(' ');

export const pendingText = (context: CallContext): string => textOf(context.pending);

/** The agent's line of this turn, if anything of it was begun. */
export const agentLine = (context: CallContext, turn = context.turn): AgentLine | undefined =>
  context.history.findLast((line): line is AgentLine => line.who === 'agent' && line.turn === turn);

export const heardMs = (context: CallContext): number => agentLine(context)?.heardMs ?? 0;

/** About three seconds of speech. */
const fewWords = 8;

/** A question is among the last words the caller heard from us, even if the agent has gone on since. */
export function questionWasHeard(context: CallContext): boolean {
  const line = context.history.findLast((each): each is AgentLine => each.who === 'agent' && each.heard.length > 0);
  return line !== undefined && line.heard.slice(-fewWords).some(endsInQuestion);
}

/** About a second of speech or less is left to say. */
export function nearlyDone(context: CallContext): boolean {
  const line = agentLine(context);
  return (
    line !== undefined && line.heard.length > 0 && wordsOf(unheardOf(line, [context.agent.phrases.filler])).length <= 3
  );
}

/**
 * What was handed to the voice in a turn and did not reach the caller: what comes after the last word that did. `asides` are
 * phrases that may have been played beside it.
 */
export const unheardOf = (line: AgentLine, asides: readonly string[] = []): string =>
  restAfter(line.owed, line.heard, asides);

/** A line as if no excuse had been put before it. */
export function withoutExcuse({ agent }: CallContext, line: HistoryLine): HistoryLine {
  const excuse = agent.phrases.sorryForPause;
  if (line.who !== 'agent' || line.ask !== 'bridge' || !line.owed.startsWith(excuse)) return line;
  const words = excuse.split(' ').length;
  return { ...line, owed: line.owed.slice(excuse.length).trim(), heard: line.heard.slice(words) };
}

/** The rest of the disclosure that the caller has not heard: it is said before anything else, so each line may begin with it. */
export function unheardDisclosure(context: CallContext): string {
  const words = context.agent.disclosure.split(/\s+/).filter(Boolean);
  let next = 0;
  for (const line of context.history.map((each) => withoutExcuse(context, each)))
    if (line.who === 'agent')
      for (const word of line.heard) {
        if (next === words.length || plain(words[next] ?? '') !== plain(word)) break;
        next += 1;
      }
  return words.slice(next).join(' ');
}

/** The conversation as the model is told it: what was heard, never what was only generated. */
export const messagesOf = (history: readonly HistoryLine[]): ModelMessage[] => history.flatMap(messageOf);

function messageOf(line: HistoryLine): ModelMessage[] {
  if (line.who === 'caller') return line.backchannel ? [] : [{ role: 'user', text: line.text }];
  if (line.who === 'agent') {
    const text = line.heard.join(' ');
    return text ? [{ role: 'assistant', text: line.cut ? `${text} —` : text }] : [];
  }
  if (line.text === undefined) return [];
  return [
    { role: 'assistant', text: '', toolCalls: [{ id: line.id, name: line.name, input: line.input }] },
    { role: 'tool', callId: line.id, text: line.text },
  ];
}

function following(before: Utterance, next: Utterance): Utterance {
  const settled = before.final ? before.text : before.settled;
  return next.final || settled === undefined ? next : { ...next, settled };
}

/** Puts an utterance's newest text in its place; texts of one number replace each other. */
export const withUtterance = (list: readonly Utterance[], next: Utterance): readonly Utterance[] =>
  list.some(({ id }) => id === next.id)
    ? list.map((each) => (each.id === next.id ? following(each, next) : each))
    : [...list, next].toSorted((a, b) => a.id - b.id);

/** The caller's line that already holds this utterance: what comes for it now amends, and never starts a second turn. */
export const lineOfUtterance = (context: CallContext, id: number) =>
  context.history.findLast((line) => line.who === 'caller' && line.utterances.some((each) => each.id === id));

/** The words of a text that go beyond one already taken; none when it says something else. */
export function beyond(taken: string, text: string): string {
  const before = wordsOf(taken);
  const now = wordsOf(text);
  const goesOn = now.length > before.length && before.every((word, index) => word === now[index]);
  return goesOn ? afterWords(text, before.length) : '';
}
