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
  readonly calls: readonly ToolCall[];
  readonly round: number;
  readonly tries: number;
}

export const freshReply = (input: ReplyInput): ReplyContext => ({
  ...input,
  written: '',
  unsaid: [],
  saidCount: 0,
  calls: [],
  round: 0,
  tries: 0,
});

export const mostRounds = 5;

/** Calls that actors run, as opposed to those the call itself carries out. */
export const ownTools = (calls: readonly ToolCall[]): ToolCall[] => calls.filter(({ name }) => !isBuiltIn(name));

/** Built-in calls that the model wrote correctly. */
export const builtIns = (calls: readonly ToolCall[]) =>
  calls.flatMap((call) => {
    const parsed = isBuiltIn(call.name) ? parseBuiltIn(call) : undefined;
    return parsed?.ok ? [parsed.value] : [];
  });

/** Built-in calls that it did not: the model is told, and tries again. */
export const mistakes = (calls: readonly ToolCall[]): ModelMessage[] =>
  calls.flatMap((call) => {
    const parsed = isBuiltIn(call.name) ? parseBuiltIn(call) : undefined;
    return parsed && !parsed.ok ? [{ role: 'tool' as const, callId: call.id, text: parsed.error }] : [];
  });
