import { errorText, isToolError, type ToolErrorCode } from '../agent.ts';
import { redact } from '../failure.ts';

/** What one call of a tool came to. `text` is for the model; `cause`, redacted, for the log. */
export interface ToolResult {
  readonly ok: boolean;
  readonly text: string;
  readonly cause?: string;
}

/** What the model has to know when nobody can say whether a tool has done its work. */
export const unclear = 'Whether it was done is not known. Do not repeat it by yourself; tell the caller.';

export const refused = (code: ToolErrorCode, message: string): ToolResult => ({
  ok: false,
  text: errorText(code, message),
});

/** The model learns what was written for it; of a foreign error only that there was one. */
export function failed(name: string, error: unknown): ToolResult {
  if (isToolError(error)) return refused('failed', error.message);
  return { ...refused('failed', `${name} failed`), cause: causeOf(error) };
}

function causeOf(error: unknown): string {
  try {
    return redact(String(error).split('\n', 1)[0] ?? '');
  } catch {
    return 'something that cannot be read';
  }
}
