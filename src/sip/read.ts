import { isMap, isNode, isScalar, LineCounter, type Document, parseDocument } from 'yaml';
import type { z } from 'zod';
import { crossChecks, type PlacedMessage } from './checks.ts';
import type { SipThing } from './model.ts';
import { fileSchema, thingsOf } from './schema.ts';
import { fillIn } from './variables.ts';

/** Something wrong in the file, at `line` and `column` (both from 1). Holds no value of a variable. */
export interface SipProblem {
  readonly line: number;
  readonly column: number;
  /** Such as `inbound.novofon-inbound.numbers[0]`; empty for the file itself. */
  readonly path: string;
  readonly message: string;
}

export interface SipFile {
  readonly main: readonly SipThing[];
  /** Left out where the file has none. */
  readonly backup?: readonly SipThing[];
}

type Environment = Readonly<Record<string, string | undefined>>;

const mostCharacters = 1_000_000;

/** Reads a `sip.yaml`. All problems are told at once, in the order of the file. Never throws. */
export function readSip(text: string, env: Environment): SipFile | { readonly problems: readonly SipProblem[] } {
  if (text.length > mostCharacters) return unreadable(`more than ${mostCharacters} characters`);
  try {
    return read(text, env);
  } catch {
    return unreadable('is nested too deeply, or its aliases multiply');
  }
}

const unreadable = (message: string) => ({ problems: [{ line: 1, column: 1, path: '', message }] });

function read(text: string, env: Environment): SipFile | { readonly problems: readonly SipProblem[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, { schema: 'failsafe', lineCounter: lines, prettyErrors: false });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  // One bracket too few is told a thousand times.
  const broken = [...document.errors, ...document.warnings].slice(0, 5);
  if (broken.length > 0) return { problems: broken.map(({ pos, message }) => ({ ...at(pos[0]), path: '', message })) };
  if (document.contents === null) return unreadable('nothing is in it');
  const filled = fillIn(document.toJS({ maxAliasCount: 100 }), env);
  const parsed = fileSchema.safeParse(filled.value);
  const found = parsed.success ? checksOf(parsed.data) : parsed.error.issues.flatMap(placed);
  // What stands where a variable is missing is wrong for that reason alone.
  const missing = new Set(filled.problems.map(({ path }) => pathText(path)));
  const others = found.filter(({ path }) => !missing.has(pathText(path)));
  const problems = [...filled.problems, ...others].map(({ path, message, allows, isKey = false }) => {
    const came = allows ? sourceAt(document, path) : undefined;
    return {
      ...at(offsetOf(document, path, isKey)),
      path: pathText(path),
      message: came ? `${message}, not ${came}` : message,
    };
  });
  if (problems.length > 0 || !parsed.success)
    return { problems: problems.toSorted((a, b) => a.line - b.line || a.column - b.column) };
  const { backup, ...main } = parsed.data;
  return backup === undefined ? { main: thingsOf(main) } : { main: thingsOf(main), backup: thingsOf(backup) };
}

type Parsed = z.output<typeof fileSchema>;

const checksOf = ({ backup, ...main }: Parsed): readonly PlacedMessage[] => [
  ...crossChecks(main),
  ...(backup === undefined
    ? []
    : crossChecks(backup).map(({ path, message }) => ({ path: ['backup', ...path], message }))),
];

function placed(issue: z.core.$ZodIssue): readonly PlacedMessage[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ path: [...issue.path, key], message: issue.message, isKey: true }));
  if (issue.code === 'invalid_key')
    return [{ path: issue.path, message: issue.issues[0]?.message ?? issue.message, isKey: true }];
  const nested = issue.code === 'invalid_union' ? issue.errors[0]?.[0] : undefined;
  return [{ path: issue.path, message: nested?.message ?? issue.message, allows: true }];
}

/** Where a text stands, else the name of what is wrong; what is missing is told at the nearest thing that it is missing from. */
function offsetOf(document: Document, path: readonly PropertyKey[], isKey: boolean): number {
  const [parent, key] = [path.slice(0, -1), path.at(-1)];
  if (key === undefined) return rangeOf(document.contents);
  const holder = parent.length === 0 ? document.contents : document.getIn(parent, true);
  if (!isMap(holder)) {
    const item = document.getIn(path, true);
    return item === undefined ? offsetOf(document, parent, true) : rangeOf(item);
  }
  const pair = holder.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
  if (!pair) return offsetOf(document, parent, true);
  const isText = isScalar(pair.value) && pair.value.value !== '';
  return rangeOf(isText && !isKey ? pair.value : pair.key);
}

const rangeOf = (node: unknown): number => (isNode(node) ? (node.range?.[0] ?? 0) : 0);

/** The text in the file, with its variables unfilled; nothing where it is no text or a secret. */
function sourceAt(document: Document, path: readonly PropertyKey[]): string | undefined {
  const node = path.length === 0 ? undefined : document.getIn(path, true);
  if (!isScalar(node) || path.some((key) => key === 'password' || key === 'pin')) return undefined;
  const text = String(node.value);
  return text === '' ? undefined : JSON.stringify(text.slice(0, 80));
}

const pathText = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text ? `${text}.${String(key)}` : String(key)),
    '',
  );
