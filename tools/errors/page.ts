import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { signals } from '../../src/runtime/security/signals.ts';
import { logCodes } from './log-codes.ts';
import { problemMends } from './problem-mends.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A refusal of the API as its source has it. */
export interface ApiProblem {
  readonly status: string;
  readonly code: string;
  readonly title: string;
  /** Left out: it says nothing about that, and neither does anybody else. */
  readonly fix: string | undefined;
}

const sources = (pattern: string): string[] =>
  globSync(pattern, { cwd: root })
    .toSorted()
    .map((path) => readFileSync(`${root}${path}`, 'utf8').replaceAll(/^ *\*.*$/gm, ''));

const problem =
  /status: (\d{3}),\s*code: '([a-z_]+)',\s*title:\s*(['"`])((?:\\.|(?!\3).)*)\3,?(?:\s*(?:field|retryable|retryAfterSeconds): [^,}]+,?)*(?:\s*fix:\s*(['"`])((?:\\.|(?!\5).)*)\5)?/gs;

/** Every problem that the API's source declares, by code; of one that is declared twice the first that says how to mend it. */
export function apiProblems(): readonly ApiProblem[] {
  const found = sources('src/http/*.ts').flatMap((text) =>
    [...text.matchAll(problem)].map(([, status, code, , title, , fix]) => ({
      status: status!,
      code: code!,
      title: title!.replaceAll(/\$\{[^}]*\}/g, '…'),
      fix: fix ?? problemMends[code!],
    })),
  );
  const byCode = Map.groupBy(found, ({ code }) => code);
  return [...byCode.values()]
    .map((same) => same.find(({ fix }) => fix !== undefined) ?? same[0]!)
    .toSorted((a, b) => a.code.localeCompare(b.code));
}

const logged = /\b(?:fatal|error|warn|info|debug|log\[level\])\(\s*\{[^{}]*?code: '([^']+)'/g;
const fields = /const fields = \{ code: '([^']+)'/g;

/** Codes that lines of the log have, as the source has them. */
export function loggedCodes(): readonly string[] {
  const all = sources('src/**/*.ts').flatMap((text) =>
    [logged, fields].flatMap((pattern) => [...text.matchAll(pattern)].map(([, code]) => code!)),
  );
  return [...new Set(all)].toSorted();
}

const row = (...cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;

const known = new Map(Object.entries(logCodes));

/** docs/errors.md. */
export function errorsPage(): string {
  const fraud = Object.values(signals).map(({ code, says }) =>
    row(`\`security.${code}\``, `Many ${says}, from one source.`, 'See [security.md](security.md).'),
  );
  const lines = [...known].toSorted(([a], [b]) => a.localeCompare(b));
  return [
    '# Error codes',
    '',
    'Written by `node tools/run.js tools/errors.ts --write` from the source; a test keeps it true.',
    '',
    '## In the log',
    '',
    'Each line is JSON and has one of these in `code`. Failures of vendors and of LiveKit are in `failure`: `class` (`auth`, `api`, `sip`, `network`), `sub`, `httpStatus`, `message`.',
    '',
    row('code', 'cause', 'mend'),
    row('---', '---', '---'),
    ...lines.map(([code, { cause, mend }]) => row(`\`${code}\``, cause, mend)),
    row(
      '`security.<code>`',
      'A request was refused with 401 or 403; the code is that of the problem below.',
      'If it was yours, see there.',
    ),
    ...fraud,
    '',
    '## Of the API',
    '',
    'Answers of type `application/problem+json`.',
    '',
    row('code', 'status', 'cause', 'mend'),
    row('---', '---', '---', '---'),
    ...apiProblems().map(({ code, status, title, fix }) => row(`\`${code}\``, status, title, fix ?? '')),
    '',
  ].join('\n');
}
