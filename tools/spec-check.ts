import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Holds docs/spec.md against the tests. A row is `| id | what | state | files |`; an id is `tested` when a test names it, and
 * `files` are the tests that do. `--write` fills in state and files; without it what the page claims and no test shows fails.
 */
const root = fileURLToPath(new URL('..', import.meta.url));
const page = join(root, 'docs/spec.md');
const titles = /\b(?:it|test|describe)(?:\.\w+(?:\([^)]*\))?)*\(\s*(['"`])((?:\\.|(?!\1).)*)\1/gs;
const idShape = /\b(?:S[1-6]|D(?:10|[1-9])\.\d+|R(?:10|[1-9])\.\d+)\b/g;
const rowShape = /^\| (?<id>[SDR][\d.]+) \| (?<what>.*?) \| (?<state>.*?) \| (?<files>.*?) \|$/;

const testsById = new Map<string, Set<string>>();
for (const file of testFiles(join(root, 'test')))
  for (const [, , title = ''] of readFileSync(file, 'utf8').matchAll(titles))
    for (const [id] of title.matchAll(idShape)) {
      const files = testsById.get(id) ?? new Set();
      testsById.set(id, files.add(relative(root, file)));
    }

/** Played by `npm run suite` alone. */
const suiteOnly = new Set(
  [...readFileSync(join(root, 'vitest.config.ts'), 'utf8').matchAll(/^ {6}'(test\/[^']+)',$/gm)].map(
    ([, file]) => file,
  ),
);

const before = readFileSync(page, 'utf8');
const known = new Set<string>();
const after = before.split('\n').map(filledIn).join('\n');
const untrue = before.split('\n').flatMap(untrueIn);
const unknown = [...testsById.keys()].filter((id) => !known.has(id));

if (unknown.length > 0) fail(`ids that tests name and docs/spec.md does not: ${unknown.join(', ')}`);
else if (process.argv.includes('--write')) writeFileSync(page, after);
else if (untrue.length > 0) fail(`docs/spec.md says more than the tests do: ${untrue.join('; ')}; --write mends it`);

function filledIn(line: string): string {
  const { id, what, state } = rowShape.exec(line)?.groups ?? {};
  if (!id || !what || !state) return line;
  known.add(id);
  const files = [...(testsById.get(id) ?? [])]
    .toSorted()
    .map((file) => `\`${file}\`${suiteOnly.has(file) ? ' (suite)' : ''}`);
  const now = stateOf(state, files.length > 0);
  return `| ${id} | ${what} | ${now} | ${files.join(', ')} |`;
}

/** What a row claims and no test shows. A test that the page does not list yet is no lie. */
function untrueIn(line: string): string[] {
  const { id, state = '', files = '' } = rowShape.exec(line)?.groups ?? {};
  if (!id) return [];
  const listed = [...files.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file);
  const wrong = listed.filter((file) => !testsById.get(id)?.has(file));
  const bare = /^(?:tested|partly)/.test(state) && !testsById.has(id);
  return [...wrong.map((file) => `${id} is not named in ${file}`), ...(bare ? [`no test names ${id}`] : [])];
}

/** What is only begun says so: an id is `tested` once nothing of it is left for later. */
function stateOf(state: string, named: boolean): string {
  if (!named) return state.startsWith('later') || state === 'next' ? state : 'NOT TESTED';
  if (state.startsWith('later')) return `partly; ${state}`;
  return /^(?:partly|tested)/.test(state) ? state : 'tested';
}

function testFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return testFiles(path);
    return entry.name.endsWith('.ts') ? [path] : [];
  });
}

function fail(why: string): void {
  console.error(why);
  process.exitCode = 1;
}
