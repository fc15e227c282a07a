import type { ReplyInput } from '../reply/input.ts';
import type { Ask, CallContext, HistoryLine, ToolLine } from './context.ts';
import { agentLine, messagesOf, unheardDisclosure } from './said.ts';
import { briefOf } from './dial.ts';
import { excuseFor, fixedTexts, takesUp } from './owed.ts';
import { orderOf } from './vendor-order.ts';

/** What the reply of the present turn is told. */
export function questionFor(context: CallContext): ReplyInput {
  const { agent, ask, history } = context;
  return {
    callKey: context.callKey,
    turn: context.turn,
    callerTurn: context.callerTurn,
    epoch: context.epoch,
    waitedMs: waitedMs(context),
    language: agent.languages[0] ?? 'en',
    preface: ask === 'disclose' ? '' : [excuseFor(context), unheardDisclosure(context)].filter(Boolean).join(' '),
    fixed: fixedTexts(context, ask).join(' '),
    standIns: standIns(context),
    messages: [...briefOf(context), ...messagesOf(history)],
    people: agent.people,
    unfinished: unfinishedTools(context),
    known: history.flatMap(knownResult),
    phrases: agent.phrases,
    models: orderOf('model', context),
    voices: orderOf('voice', context),
  };
}

/** Since the caller's last sound, where it is he who is answered. */
function waitedMs(context: CallContext): number {
  const { ask, lastSoundAt, voiceStartedAt } = context;
  const began = agentLine(context)?.at;
  return ask === 'answer' && began !== undefined && voiceStartedAt <= lastSoundAt
    ? Math.max(0, began - lastSoundAt)
    : 0;
}

/** Stored phrases that say the same, or at least something, when no voice can be had. */
function standIns(context: CallContext): readonly string[] {
  const { ask, agent } = context;
  return stored.has(ask) ? fixedTexts(context, ask) : [agent.phrases.apology];
}

const stored: ReadonlySet<Ask> = new Set(['nudge', 'repeat', 'farewell', 'transfer', 'assure']);

/**
 * Tools without a result that come before the answer: what cannot be undone is always asked after, the rest begins again
 * only where the same question is still being answered. A new question does not wait for an old one's.
 */
function unfinishedTools({ ask, history, callerTurn }: CallContext): readonly ToolLine[] {
  const isOwed = ({ effect, turn }: ToolLine) => effect === 'once' || (takesUp(ask) && turn === callerTurn);
  return ask === 'answer' || takesUp(ask) ? history.filter(isUnfinished).filter(isOwed) : [];
}

const isUnfinished = (line: HistoryLine): line is ToolLine => line.who === 'tool' && line.text === undefined;

const knownResult = (line: HistoryLine) =>
  line.who === 'tool' && line.text !== undefined ? [{ key: line.key, ok: line.ok ?? false, text: line.text }] : [];
