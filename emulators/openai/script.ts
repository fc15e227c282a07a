import { z } from 'zod';

/** A message as it comes over the wire. */
export interface WireMessage {
  readonly role: string;
  readonly content?: string | null | undefined;
  readonly tool_calls?: readonly WireToolCall[] | undefined;
  readonly tool_call_id?: string | undefined;
}

export interface WireToolCall {
  readonly id: string;
  readonly function: { readonly name: string; readonly arguments: string };
}

export interface WireTool {
  readonly function: { readonly name: string; readonly parameters?: Record<string, unknown> | undefined };
}

/** What the model is asked. */
export interface Ask {
  readonly model: string;
  readonly messages: readonly WireMessage[];
  readonly tools: readonly WireTool[];
}

/** What the model says. */
export interface Answer {
  readonly text?: string | undefined;
  /** `input` is sent as JSON, a string verbatim (so that it may be invalid). */
  readonly tools?: readonly { readonly name: string; readonly input: unknown }[] | undefined;
  /** Default `stop`, or `tool_calls` with tools. */
  readonly finish?: 'stop' | 'length' | 'tool_calls' | 'content_filter' | undefined;
}

export type Think = (ask: Ask) => Answer | undefined | Promise<Answer | undefined>;

/** One line of a script. Without `user` and `tool` it matches always. As JSON it can be posted to the control port. */
export interface Rule {
  /** Pattern (case does not matter) searched in the last message when that is the caller's. */
  readonly user?: RegExp | string | undefined;
  /** Pattern searched in the name of the tool when the last message is a tool's result. */
  readonly tool?: RegExp | string | undefined;
  /** `$1` … `$9` stand for the groups of the pattern, `$0` for the whole message. */
  readonly text?: string | undefined;
  readonly tools?: Answer['tools'];
  readonly finish?: Answer['finish'];
  /** How many answers this rule gives; without it any number. */
  readonly times?: number | undefined;
}

const pattern = z.string().refine(isPattern, 'not a regular expression');

const rule = z.strictObject({
  user: pattern.optional(),
  tool: pattern.optional(),
  text: z.string().optional(),
  tools: z.array(z.strictObject({ name: z.string(), input: z.unknown() })).optional(),
  finish: z.enum(['stop', 'length', 'tool_calls', 'content_filter']).optional(),
  times: z.int().min(1).optional(),
});

/** Reads rules that came as JSON. Throws an `Error` that names the field. */
export function parseRules(input: unknown): Rule[] {
  const result = z.array(rule).safeParse(input);
  if (!result.success) throw new Error(`not a script: ${z.prettifyError(result.error)}`);
  return result.data as Rule[];
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text, 'iu') instanceof RegExp;
  } catch {
    return false;
  }
}

export interface Script {
  /** Puts rules before those there are. */
  add(rules: readonly Rule[]): void;
  /** Forgets all rules; what is left is the default. */
  clear(): void;
  list(): readonly Rule[];
  answer(ask: Ask): Promise<Answer>;
}

/** Answers by the first rule that matches, else by `fallback`. */
export function createScript(rules: readonly Rule[], fallback: (ask: Ask) => Answer): Script {
  let active = rules.map(counted);
  return {
    add: (added) => void (active = [...added.map(counted), ...active]),
    clear: () => void (active = []),
    list: () => active.map(({ rule }) => rule),
    async answer(ask) {
      for (const line of active) {
        const match = line.left > 0 && matchOf(line.rule, ask);
        if (!match) continue;
        line.left -= 1;
        return fromRule(line.rule, match);
      }
      return fallback(ask);
    },
  };
}

const counted = (rule: Rule) => ({ rule, left: rule.times ?? Number.POSITIVE_INFINITY });

function matchOf(rule: Rule, ask: Ask): readonly (string | undefined)[] | undefined {
  const last = ask.messages.at(-1);
  const content = last?.content ?? '';
  if (rule.tool !== undefined) {
    const found = last?.role === 'tool' && search(rule.tool, toolOf(ask, last)?.function.name ?? '');
    return found ? [content] : undefined;
  }
  if (rule.user === undefined) return [content];
  const found = last?.role === 'user' ? search(rule.user, content) : undefined;
  return found ? [content, ...found.slice(1)] : undefined;
}

function fromRule({ text, tools, finish }: Rule, match: readonly (string | undefined)[]): Answer {
  return {
    ...(text !== undefined && { text: text.replaceAll(/\$(\d)/g, (_, digit: string) => match[Number(digit)] ?? '') }),
    ...(tools && { tools }),
    ...(finish && { finish }),
  };
}

const search = (pattern: RegExp | string, text: string): RegExpMatchArray | null =>
  text.match(typeof pattern === 'string' ? new RegExp(pattern, 'iu') : pattern);

/** The call that a tool's result answers. */
export const toolOf = (ask: Ask, result: WireMessage): WireToolCall | undefined =>
  ask.messages.flatMap((message) => message.tool_calls ?? []).findLast((call) => call.id === result.tool_call_id);
