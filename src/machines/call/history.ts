import type { AgentLine, Ask, CallContext, HistoryLine, ToolLine, Utterance } from './context.ts';
import { agentLine, pendingText } from './context.ts';
import type { ReplyFact } from './events.ts';

type Change = Partial<CallContext>;

const mapAgent = (context: CallContext, turn: number, change: (line: AgentLine) => AgentLine): HistoryLine[] =>
  context.history.map((line) => (line.who === 'agent' && line.turn === turn ? change(line) : line));

/** Begins an agent's turn under a new number. */
export const begunTurn = (context: CallContext, at: number): Change => ({
  turn: context.turn + 1,
  afterReply: 'listen',
  history: [...context.history, newLine(context.turn + 1, context.ask, at)],
});

const newLine = (turn: number, ask: Ask, at: number): AgentLine => ({
  who: 'agent',
  turn,
  ask,
  at,
  owed: '',
  heard: [],
  heardMs: 0,
  cut: false,
  finished: false,
});

/** Adds words that reached the caller: the only way into the agent's line. */
export function heardWords(
  context: CallContext,
  fact: { turn: number; words: readonly string[]; heardMs: number },
): Change {
  const troubleOver = fact.words.length > 0 && agentLine(context, fact.turn)?.ask === 'answer';
  return {
    history: mapAgent(context, fact.turn, (line) => ({
      ...line,
      heard: [...line.heard, ...fact.words],
      heardMs: fact.heardMs,
    })),
    ...(troubleOver ? { nudges: 0 } : {}),
  };
}

export const worded = (context: CallContext, { turn, text }: { turn: number; text: string }): Change => ({
  history: mapAgent(context, turn, (line) => ({ ...line, owed: `${line.owed} ${text}`.trim() })),
});

export const finishedTurn = (context: CallContext, turn: number): Change => ({
  history: mapAgent(context, turn, (line) => ({ ...line, finished: true })),
});

/** The agent's line stops where the caller took the floor; a turn nobody heard leaves no trace once it is over. */
export const cutTurn = (context: CallContext): Change => ({
  history: mapAgent(context, context.turn, (line) => (line.finished ? line : { ...line, cut: true })),
});

/** The caller's pending words become a turn. */
export function tookTurn(context: CallContext, at: number): Change {
  const text = pendingText(context);
  if (!text) return {};
  const line: HistoryLine = { who: 'caller', turn: context.callerTurn + 1, text, at, utterances: context.pending };
  return {
    callerTurn: context.callerTurn + 1,
    pending: [],
    ask: 'answer',
    nudges: 0,
    repeats: 0,
    history: [...context.history, line],
  };
}

/** The caller goes on: the last turn's words are pending again, and the reply that nobody heard is forgotten. */
export function untookTurn(context: CallContext): Change {
  const last = context.history.findLastIndex((line) => line.who === 'caller' && !line.backchannel);
  const line = context.history[last];
  if (line?.who !== 'caller' || line.turn !== context.callerTurn) return {};
  const later = context.history
    .slice(last + 1)
    .filter((each) => each.who === 'tool' || (each.who === 'agent' && each.heard.length > 0));
  return {
    callerTurn: context.callerTurn - 1,
    pending: merged(line.utterances, context.pending),
    history: [...context.history.slice(0, last), ...later],
  };
}

const merged = (before: readonly Utterance[], now: readonly Utterance[]): Utterance[] => [
  ...before.map((each) => {
    const more = now.find(({ id }) => id === each.id);
    return more ? { ...more, text: `${each.text} ${more.text}` } : each;
  }),
  ...now.filter(({ id }) => !before.some((each) => each.id === id)),
];

/** "mm-hm": noted where people read, not told to the model, and the floor stays where it is. */
export function notedBackchannel(context: CallContext, at: number): Change {
  const text = pendingText(context);
  if (!text) return {};
  const line: HistoryLine = {
    who: 'caller',
    turn: context.callerTurn,
    text,
    at,
    utterances: context.pending,
    backchannel: true,
  };
  const counts = { ...context.counts, backchannels: context.counts.backchannels + 1 };
  return { pending: [], counts, history: [...context.history, line] };
}

type ToolStarted = Extract<ReplyFact, { type: 'reply.tool_started' }>;
type ToolFinished = Extract<ReplyFact, { type: 'reply.tool_finished' }>;

export function startedTool(context: CallContext, { id, key, name, input, effect, at }: ToolStarted): Change {
  if (context.history.some((line) => line.who === 'tool' && line.key === key)) return {};
  const line: ToolLine = { who: 'tool', turn: context.callerTurn, at, id, key, name, input, effect };
  return { history: [...context.history, line], counts: { ...context.counts, tools: context.counts.tools + 1 } };
}

export const finishedTool = (context: CallContext, { key, ok, text }: ToolFinished): Change => ({
  history: context.history.map((line) => (line.who === 'tool' && line.key === key ? { ...line, ok, text } : line)),
});
