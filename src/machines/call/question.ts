import type { ReplyInput } from '../reply/input.ts';
import {
  agentLine,
  type AgentLine,
  type CallContext,
  messagesOf,
  type ToolLine,
  unheardDisclosure,
  unheardOf,
} from './context.ts';

/** What the reply of the present turn is told. */
export function questionFor(context: CallContext): ReplyInput {
  return {
    callKey: context.callKey,
    turn: context.turn,
    callerTurn: context.callerTurn,
    epoch: context.epoch,
    language: context.agent.languages[0] ?? 'en',
    preface: context.ask === 'disclose' ? '' : unheardDisclosure(context),
    fixed: fixedWords(context),
    messages: messagesOf(context.history),
    unfinished: context.history.filter(isUnfinished),
    phrases: context.agent.phrases,
  };
}

const isUnfinished = (line: CallContext['history'][number]): line is ToolLine =>
  line.who === 'tool' && line.text === undefined;

function fixedWords(context: CallContext): string {
  const { disclosure, greeting, phrases } = context.agent;
  switch (context.ask) {
    case 'disclose':
      return disclosure;
    case 'greet':
      return greeting;
    case 'nudge':
      return phrases.areYouThere;
    case 'repeat':
      return phrases.pleaseRepeat;
    case 'farewell':
      return context.why === 'deaf' ? `${phrases.cannotHear} ${phrases.goodbye}` : phrases.goodbye;
    case 'say':
      return context.sayText ?? '';
    case 'bridge':
      return bridgeWords(context);
    case 'answer':
      return '';
  }
}

/** After a restore: the unheard rest of what was being said; nothing fixed when the reply had not begun, so that it is asked again. */
function bridgeWords(context: CallContext): string {
  const before = context.history.findLast(
    (line): line is AgentLine => line.who === 'agent' && line.turn < context.turn,
  );
  if (!before || before.finished || before.heard.length === 0)
    return before && before.ask !== 'answer' ? before.owed : '';
  return unheardOf(before);
}

/** Whether the agent's present turn is this one's. */
export const ofThisTurn = (context: CallContext, turn: number): boolean =>
  turn === context.turn && agentLine(context) !== undefined;
