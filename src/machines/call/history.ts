import type { AgentLine, Ask, CallContext, HistoryLine, ToolLine, Trouble, Utterance } from './context.ts';
import { agentLine, pendingText } from './said.ts';
import { takesUp } from './owed.ts';
import type { ReplyFact } from './events.ts';

type Change = Partial<CallContext>;

const mapAgent = (context: CallContext, turn: number, change: (line: AgentLine) => AgentLine): HistoryLine[] =>
  context.history.map((line) => (line.who === 'agent' && line.turn === turn ? change(line) : line));

/** Begins an agent's turn under a new number. */
export const begunTurn = (context: CallContext, at: number): Change => ({
  turn: context.turn + 1,
  afterReply: afterReplyTo(context),
  history: [...context.history, newLine(context.turn + 1, context.ask, at)],
});

/** A turn that only comes between keeps what was to follow the one it interrupts. */
function afterReplyTo({ ask, afterReply }: CallContext): CallContext['afterReply'] {
  if (takesUp(ask) || ask === 'say' || ask === 'transfer') return afterReply;
  return ask === 'farewell' ? 'hangUp' : 'listen';
}

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
  return {
    history: mapAgent(context, fact.turn, (line) => ({
      ...line,
      heard: [...line.heard, ...fact.words],
      heardMs: fact.heardMs,
    })),
  };
}

/** The last so many words did not reach the caller after all, nor the end of the turn. */
export const unheardWords = (
  context: CallContext,
  { turn, words, heardMs }: { turn: number; words: number; heardMs: number },
): Change => ({
  history: mapAgent(context, turn, (line) => ({
    ...line,
    heard: line.heard.slice(0, Math.max(0, line.heard.length - words)),
    heardMs,
    finished: line.finished && words === 0,
  })),
});

export const worded = (context: CallContext, { turn, text }: { turn: number; text: string }): Change => ({
  history: mapAgent(context, turn, (line) => ({ ...line, owed: `${line.owed} ${text}`.trim() })),
});

/** All of the turn was heard. An answer without trouble ends a row of troubled turns. */
export function finishedTurn(context: CallContext, turn: number): Change {
  const line = agentLine(context, turn);
  const healthy = line?.ask === 'answer' && !line.troubled;
  return {
    history: mapAgent(context, turn, (each) => ({ ...each, finished: true })),
    troubles: line?.troubled ? context.troubles + 1 : healthy ? 0 : context.troubles,
    afterReply: 'listen',
  };
}

export const troubledTurn = (context: CallContext, { turn, part }: { turn: number; part: Trouble }): Change => ({
  history: mapAgent(context, turn, (line) => ({ ...line, troubled: line.troubled ?? part })),
});

/** The agent's line stops where the caller took the floor. */
export const cutTurn = (context: CallContext): Change => ({
  history: mapAgent(context, context.turn, (line) => (line.finished ? line : { ...line, cut: true })),
  afterReply: 'listen',
});

/** The present reply begins anew, or the caller goes on: nobody has heard it, so it leaves no trace. */
export const forgotReply = (context: CallContext): Change => ({
  history: context.history.filter((line) => line.who !== 'agent' || line.turn !== context.turn),
  afterReply: 'listen',
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
    why: undefined,
    nudges: 0,
    repeats: 0,
    hearingSettledAt: Math.max(context.hearingSettledAt, at),
    history: [...context.history, line],
  };
}

/** The caller goes on: the last turn's words are pending again, and the reply that was barely heard is forgotten. */
export function untookTurn(context: CallContext): Change {
  const { history, afterReply } = { ...context, ...forgotReply(context) };
  const last = history.findLastIndex((line) => line.who === 'caller' && !line.backchannel);
  const line = history[last];
  if (line?.who !== 'caller' || line.turn !== context.callerTurn) return {};
  return {
    callerTurn: context.callerTurn - 1,
    pending: merged(line.utterances.map(settled), context.pending),
    history: history.toSpliced(last, 1),
    afterReply,
  };
}

/** Its sound is not replayed to a new transcriber, so its words must outlive the old one. */
const settled = (utterance: Utterance): Utterance => ({ ...utterance, final: true });

const merged = (before: readonly Utterance[], now: readonly Utterance[]): Utterance[] => [
  ...before.map((each) => {
    const more = now.find(({ id }) => id === each.id);
    return more ? { ...more, text: `${each.text} ${more.text}` } : each;
  }),
  ...now.filter(({ id }) => !before.some((each) => each.id === id)),
];

/** "mm-hm": noted where people read, not told to the model, and the floor stays where it is. */
export function notedBackchannel(context: CallContext, at: number): Change {
  const { pending: utterances, callerTurn: turn } = context;
  const text = pendingText(context);
  if (!text) return {};
  const line: HistoryLine = { who: 'caller', turn, text, at, utterances, backchannel: true };
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
