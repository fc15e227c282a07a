import type { CallContext, HistoryLine, Utterance } from './context.ts';
import { beyond, lineOfUtterance, withUtterance } from './said.ts';
import { plain } from './words.ts';

/** What new words of the transcriber mean for the call: context to keep, and whether the caller said more or something else. */
export interface Absorbed {
  readonly context: Partial<CallContext>;
  readonly said: boolean;
  readonly amended: boolean;
}

/**
 * Sorts an utterance's newest text into what was taken already and what is new. Words of a turn that was taken amend
 * that turn; only what goes beyond them is new. So a late or changed final never starts a second turn.
 */
export function absorb(context: CallContext, utterance: Utterance): Absorbed {
  if (!utterance.text.trim()) return nothing(context);
  if (!lineOfUtterance(context, utterance.id))
    return { context: { pending: withUtterance(context.pending, utterance) }, said: true, amended: false };
  const taken = takenText(context.history, utterance.id);
  const fresh = beyond(taken, utterance.text);
  if (fresh)
    return {
      context: { pending: withUtterance(context.pending, { ...utterance, text: fresh }) },
      said: true,
      amended: false,
    };
  return amend(context, utterance, taken);
}

/** An empty final takes back nothing that was heard before it. */
const nothing = ({ pending }: CallContext): Absorbed => ({ context: { pending }, said: false, amended: false });

function amend(context: CallContext, utterance: Utterance, taken: string): Absorbed {
  const pending = context.pending.filter(({ id }) => id !== utterance.id);
  const changed = plain(taken) !== plain(utterance.text) && linesOf(context.history, utterance.id).length === 1;
  const history = context.history.map((line) => (changed ? withAmended(line, utterance) : line));
  return { context: { pending, history }, said: false, amended: changed && isBeingAnswered(context, utterance.id) };
}

/** Other words matter for the reply only while it answers their turn. */
function isBeingAnswered(context: CallContext, id: number): boolean {
  const line = lineOfUtterance(context, id);
  return line?.who === 'caller' && line.turn === context.callerTurn && !line.backchannel;
}

function withAmended(line: HistoryLine, utterance: Utterance): HistoryLine {
  if (line.who !== 'caller' || !line.utterances.some(({ id }) => id === utterance.id)) return line;
  const utterances = withUtterance(line.utterances, utterance);
  return { ...line, utterances, text: utterances.map(({ text }) => text).join(' ') };
}

const linesOf = (history: readonly HistoryLine[], id: number): Utterance[] =>
  history.flatMap((line) => (line.who === 'caller' ? line.utterances.filter((each) => each.id === id) : []));

const takenText = (history: readonly HistoryLine[], id: number): string =>
  linesOf(history, id)
    .map(({ text }) => text)
    .join(' ');
