import type { AgentLine, Ask, CallContext, HistoryLine } from './context.ts';
import { agentLine, unheardDisclosure, unheardOf, withoutExcuse } from './said.ts';

/** What the agent still owes the caller when a turn was interrupted by anything but the caller. */
export type Owed =
  /** A turn of the caller has no answer, or only the beginning of one that cannot be gone on with: ask the model. */
  | { readonly kind: 'answer' }
  /** What was being said goes on at the first unheard word. */
  | { readonly kind: 'words'; readonly text: string }
  | { readonly kind: 'nothing' };

/** Goes on with what an earlier turn left unsaid. */
export const takesUp = (ask: Ask): boolean => ask === 'bridge' || ask === 'goOn';

/** Before the rest of what another owner of the call began to say: the caller heard it break off. */
export function excuseFor(context: CallContext): string {
  const goesOn = context.ask === 'bridge' && owedBefore(context).kind === 'words';
  return goesOn ? context.agent.phrases.sorryForPause : '';
}

/** Looks back over the turns before the present one. */
export function owedBefore(context: CallContext): Owed {
  const line = context.history
    .map((each) => withoutExcuse(context, each))
    .findLast((each) => isTelling(each) && !isPresent(context, each));
  if (!line || line.who === 'tool') return { kind: 'nothing' };
  if (line.who === 'caller') return { kind: 'answer' };
  return line.finished || line.cut ? questionToRepeat(context) : restOf(context, line);
}

/** What asked for keys, where these are to be typed once more. */
function questionToRepeat(context: CallContext): Owed {
  if (context.ask !== 'bridge' || context.afterReply !== 'collectDigits') return { kind: 'nothing' };
  const question = context.history.map((line) => withoutExcuse(context, line)).findLast(isAnswer);
  return question ? { kind: 'words', text: withoutDisclosure(context, question.owed) } : { kind: 'nothing' };
}

/** … or its last turn after all, because the way to the caller was dead while it seemed to be heard. */
export const owesLastTurn = (context: CallContext): boolean =>
  agentLine(context)?.finished === false && owedBefore({ ...context, turn: context.turn + 1 }).kind !== 'nothing';

const isAnswer = (line: HistoryLine): line is AgentLine =>
  line.who === 'agent' && line.owed !== '' && (line.ask === 'answer' || takesUp(line.ask));

const isPresent = (context: CallContext, line: HistoryLine): boolean =>
  line.who === 'agent' && line.turn === agentLine(context)?.turn;

/** Turns that say nothing about what is owed: backchannels, what people said through the agent, bridges that never began. */
function isTelling(line: HistoryLine): boolean {
  if (line.who === 'tool') return false;
  if (line.who === 'caller') return !line.backchannel;
  if (line.ask === 'say') return !line.finished;
  return line.heard.length > 0 || (line.ask !== 'answer' && !takesUp(line.ask)) || line.owed !== '';
}

function restOf(context: CallContext, line: AgentLine): Owed {
  if (line.ask === 'answer' && line.heard.length === 0) return { kind: 'answer' };
  // The disclosure comes before everything by itself.
  if (line.ask === 'disclose') return { kind: 'words', text: context.agent.greeting };
  const rest = line.owed ? unheardOf(line, [context.agent.phrases.filler]) : fixedTexts(context, line.ask).join(' ');
  const text = withoutDisclosure(context, rest);
  if (text) return { kind: 'words', text };
  const wasAnswering = line.ask === 'answer' || (takesUp(line.ask) && rest !== '');
  return { kind: wasAnswering ? 'answer' : 'nothing' };
}

/** The unheard disclosure is put before every turn: what began with it must not say it twice. */
function withoutDisclosure(context: CallContext, text: string): string {
  const preface = unheardDisclosure(context);
  return text.startsWith(preface) ? text.slice(preface.length).trim() : text;
}

/** Words that need no model, in the pieces in which they may be stored; none when the model is to answer. */
export function fixedTexts(context: CallContext, ask: Ask): readonly string[] {
  const { disclosure, greeting, phrases } = context.agent;
  switch (ask) {
    case 'disclose':
      return [disclosure];
    case 'greet':
      return [greeting];
    case 'nudge':
      return [phrases.areYouThere];
    case 'repeat':
      return [phrases.pleaseRepeat];
    case 'farewell':
      return [...farewellCause(context), phrases.goodbye];
    case 'say':
      return [context.sayText ?? ''];
    case 'transfer':
      return context.failsafe ? [phrases.unavailable, phrases.puttingThrough] : [phrases.puttingThrough];
    case 'assure':
      return [phrases.filler];
    case 'bridge':
    case 'goOn':
      return bridgeTexts(context);
    case 'answer':
      return [];
  }
}

/** Goes on where it was; where nothing was owed, the caller may have spoken to nobody. */
function bridgeTexts(context: CallContext): readonly string[] {
  const owed = owedBefore(context);
  if (owed.kind === 'answer') return [];
  return [owed.kind === 'words' ? owed.text : context.agent.phrases.pleaseRepeat];
}

/** Why it ends, where the caller could not know. */
function farewellCause({ why, transferTo, agent: { phrases } }: CallContext): readonly string[] {
  if (why === 'deaf') return [phrases.cannotHear];
  if (why === 'crashed too often') return [phrases.apology];
  if (why !== 'failsafe') return [];
  return [transferTo === '' ? phrases.unavailable : phrases.apology];
}
