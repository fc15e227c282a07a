import type { z } from 'zod';

/** One thing that is wrong with a definition. */
export interface AgentProblem {
  /** Where, such as `tools.book_room.timeoutMs`. */
  readonly path: string;
  /** What stands there now. */
  readonly came: string;
  readonly allowed: string;
}

export const problemLine = ({ path, came, allowed }: AgentProblem): string =>
  `${path}: ${came} came; allowed: ${allowed}`;

/** Zod's issues as problems, with the value each one is about. The schemas' own messages say what is allowed. */
export const problemsOf = (issues: readonly z.core.$ZodIssue[], root: unknown): AgentProblem[] =>
  issues.flatMap((issue) =>
    'keys' in issue && issue.code === 'unrecognized_keys'
      ? unknownKeys(issue, root)
      : [problem(issue.path, root, issue.message)],
  );

const unknownKeys = (issue: z.core.$ZodIssueUnrecognizedKeys, root: unknown): AgentProblem[] =>
  issue.keys.map((key) => problem([...issue.path, key], root, issue.message));

const problem = (path: readonly PropertyKey[], root: unknown, allowed: string): AgentProblem => ({
  path: pathText(path),
  came: shown(path.reduce<unknown>(at, root)),
  allowed,
});

const at = (value: unknown, key: PropertyKey): unknown =>
  value !== null && typeof value === 'object' ? (value as Record<PropertyKey, unknown>)[key] : undefined;

const pathText = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text ? `${text}.${String(key)}` : String(key)),
    '',
  ) || 'the definition';

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'string')
    return value.length > 60 ? `text of ${value.length} characters` : JSON.stringify(value);
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  return value !== null && typeof value === 'object' ? 'an object' : String(value);
}
