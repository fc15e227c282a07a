import { parseBuiltIn, isBuiltIn } from '../../agent.ts';
import type { ModelMessage, ToolCall } from '../../actors/reply-model.ts';
import type { ReplyInput } from './input.ts';

export interface ReplyContext extends ReplyInput {
  /** What the model wrote in this round, for its own message. */
  readonly written: string;
  /** Texts owed to the caller that the voice has not been given: held back while the turn is tentative. */
  readonly unsaid: readonly string[];
  /** Texts given to the voice. */
  readonly saidCount: number;
  /** Tools that the model has asked for in this round. */
  readonly calls: readonly ToolCall[];
  /** Tools of this round that failed. */
  readonly failed: number;
  readonly round: number;
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
  saidCount: 0,
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
export const builtIns = (calls: readonly ToolCall[]) =>
  calls.flatMap((call) => {
    const parsed = isForCall(call.name) ? parseBuiltIn(call) : undefined;
    return parsed?.ok ? [parsed.value] : [];
  });

/** What came of them: carried out, or what the model did wrong. Every call must have a result. */
const builtInResults = (calls: readonly ToolCall[]): ModelMessage[] =>
  calls.flatMap((call) => {
    const parsed = isForCall(call.name) ? parseBuiltIn(call) : undefined;
    return parsed ? [{ role: 'tool' as const, callId: call.id, text: parsed.ok ? 'done' : parsed.error }] : [];
  });

/** Some were written wrongly: the model is told, and tries again. */
export const hasMistakes = (calls: readonly ToolCall[]): boolean => {
  const written = calls.filter(({ name }) => isForCall(name));
  return builtIns(written).length < written.length;
};

/** The model's own message, with tools left over from before a restore, becomes part of what it is asked next. */
export const messagesWithCalls = ({ messages, written, unfinished, calls }: ReplyContext): ModelMessage[] => {
  const toolCalls = [...unfinished.map(({ id, name, input }) => ({ id, name, input })), ...calls];
  return [...messages, { role: 'assistant', text: written, toolCalls }, ...builtInResults(calls)];
};

/** The model's last words when it ends the call. It may have said goodbye already, in its own. */
export function goodbyeOf({ calls, written, phrases }: ReplyContext): string {
  const ending = builtIns(calls).find((call) => call.name === 'end_call');
  if (!ending) return '';
  return ending.say ?? (written.trim() ? '' : phrases.goodbye);
}
