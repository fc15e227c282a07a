import type { z } from 'zod';
import { parseJson } from './json.ts';

/** Why a tool has no result, in words the model and our logs share. */
export type ToolErrorCode = 'timeout' | 'failed' | 'invalid_input' | 'unknown_tool' | 'outcome_unknown';

const resultLimit = 4_000;
const messageLimit = 400;
const mostIssues = 5;

/** The one shape in which the model is told of a failure. `message` is for the model: no stack, nothing foreign. */
export const errorText = (code: ToolErrorCode, message: string): string =>
  JSON.stringify({ error: { code, message: shortened(message, messageLimit) } });

/** A tool's value as the model reads it: text as it is, the rest as JSON, at most 4,000 characters. Throws where there is no JSON of it. */
export function resultText(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'done');
  return shortened(text, resultLimit);
}

function shortened(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const note = ` … [cut here: ${text.length} characters in all]`;
  // A lone half of a surrogate pair is refused by vendors as invalid text.
  return text.slice(0, limit - note.length).replace(/[\uD800-\uDBFF]$/, '') + note;
}

/** An error whose message was written for the model, see `toolError`. */
export const isToolError = (error: unknown): error is Error => error instanceof Error && error.name === 'ToolError';

/**
 * What the model wrote, checked against the tool's schema. `problem` names the fields and what is wrong with each.
 */
export async function readInput<Schema extends z.ZodType>(
  schema: Schema,
  text: string,
): Promise<{ readonly ok: true; readonly value: z.output<Schema> } | { readonly ok: false; readonly problem: string }> {
  const json = parseJson(text);
  if (!json) return { ok: false, problem: 'input: this is not valid JSON' };
  const read = await schema.safeParseAsync(json.value);
  if (read.success) return { ok: true, value: read.data };
  return { ok: false, problem: issueText(read.error.issues) };
}

/** Field by field what is wrong, for the model to mend. */
export const issueText = (issues: readonly z.core.$ZodIssue[]): string =>
  issues
    .slice(0, mostIssues)
    .map(({ path, message }) => `${path.length > 0 ? path.map(String).join('.') : 'input'}: ${message}`)
    .join('; ');
