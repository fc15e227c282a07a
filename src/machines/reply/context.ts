import { parseBuiltIn, isBuiltIn } from '../../agent.ts';
import type { ModelMessage, ToolCall } from '../../actors/reply-model.ts';
import type { ReplyInput } from './input.ts';

export interface ReplyContext extends ReplyInput {
  /** What the model wrote in this round, for its own message. */
  readonly written: string;
  /** Texts owed to the caller that the voice has not been given: held back while the turn is tentative. */
  readonly unsaid: readonly string[];
  /** What was given to a voice, joined. */
  readonly handed: string;
  /** Voices that were given up. */
  readonly silenced: number;
  /** Tools that the model has asked for in this round. */
  readonly calls: readonly ToolCall[];
  /** Tools of this round that failed. */
  readonly failed: number;
  readonly round: number;
  /** Models that were given up in this round. */
  readonly tries: number;
  /** The model has said something of its own in this turn. */
  readonly answered: boolean;
  /** "One moment, please" in this round. */
  readonly fillers: number;
  /** What a tool that is running wants said when it takes long. */
  readonly meanwhile?: string | undefined;
}

export const freshReply = (input: ReplyInput): ReplyContext => ({
  ...input,
  written: '',
  unsaid: [],
  handed: '',
  silenced: 0,
  calls: [],
  failed: 0,
  round: 0,
  tries: 0,
  answered: false,
  fillers: 0,
});

export const mostRounds = 5;

const keys = 'send_digits';

/** Keys cannot be taken back once they are pressed: they are run as a tool is. The other built-in calls are carried out by the call itself. */
const isForCall = (name: string): boolean => isBuiltIn(name) && name !== keys;

/** Calls that actors run, as opposed to those the call itself carries out. */
export const ownTools = (calls: readonly ToolCall[]): ToolCall[] => calls.filter(({ name }) => !isForCall(name));

/** Nothing but keys is waited for: they are heard, and what comes of them needs no words unless it is a failure. */
export const pressesKeys = ({ calls, unfinished }: Pick<ReplyContext, 'calls' | 'unfinished'>): boolean =>
  unfinished.length === 0 && ownTools(calls).length > 0 && ownTools(calls).every(({ name }) => name === keys);

/** Calls for the call itself, as far as the model wrote them correctly. */
export const builtIns = ({ calls, people }: Pick<ReplyContext, 'calls' | 'people'>) =>
  calls.flatMap((call) => {
    const parsed = isForCall(call.name) ? parseBuiltIn(call, people) : undefined;
    return parsed?.ok ? [parsed.value] : [];
  });

/** What came of them: carried out, or what the model did wrong. Every call must have a result. */
const builtInResults = ({ calls, people }: ReplyContext): ModelMessage[] =>
  calls.flatMap((call) => {
    const parsed = isForCall(call.name) ? parseBuiltIn(call, people) : undefined;
    return parsed ? [{ role: 'tool' as const, callId: call.id, text: parsed.ok ? 'done' : parsed.error }] : [];
  });

/** Some were written wrongly: the model is told, and tries again. */
export const hasMistakes = (context: Pick<ReplyContext, 'calls' | 'people'>): boolean =>
  builtIns(context).length < context.calls.filter(({ name }) => isForCall(name)).length;

/** The model's own message, with tools left over from before a restore, becomes part of what it is asked next. */
export const messagesWithCalls = (context: ReplyContext): ModelMessage[] => {
  const { messages, written, unfinished, calls } = context;
  const toolCalls = [...unfinished.map(({ id, name, input }) => ({ id, name, input })), ...calls];
  return [...messages, { role: 'assistant', text: written, toolCalls }, ...builtInResults(context)];
};

/** What must be said before the model's wishes are carried out, unless it has said so in its own words: goodbye, or whom we call. */
export function wordsBefore(context: ReplyContext): string {
  const { written, phrases } = context;
  const wishes = builtIns(context);
  const ending = wishes.find((call) => call.name === 'end_call');
  if (ending?.say !== undefined) return ending.say;
  if (written.trim()) return '';
  if (ending) return phrases.goodbye;
  return wishes.some((call) => call.name === 'transfer_call') ? phrases.puttingThrough : '';
}
