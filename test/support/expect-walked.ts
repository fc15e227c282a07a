import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { type Coverage, covered } from './coverage.ts';
import { parts } from './walk-parts.ts';

const page = readFileSync(new URL('../../docs/coverage.md', import.meta.url), 'utf8');

/** What docs/coverage.md says of a part beyond what is so; a machine that has grown since is no lie. */
function untrue(name: string, { states, edges }: Coverage): string[] {
  const row = new RegExp(`^\\| ${name} \\| (\\d+) \\| (\\d+) \\|`, 'm').exec(page);
  if (row && Number(row[1]) <= states && Number(row[2]) <= edges) return [];
  const said = row ? `${row[1]} states and ${row[2]} edges` : 'nothing';
  return [`docs/coverage.md tells of ${name} ${said}: node tools/run.js tools/coverage.ts --write mends it`];
}

/** Walks a part under its host: every edge is taken and right, and docs/coverage.md says no more than is so. */
export async function expectWalked(name: string): Promise<void> {
  const coverage = await covered(parts.find((part) => part.name === name)!);
  const { states, edges, untimely } = coverage;
  console.log(`${name}: ${states} states, ${edges} edges, ${untimely} of them untimely`);
  expect(coverage.wrong.slice(0, 10)).toEqual([]);
  expect(coverage.untaken).toEqual([]);
  expect(untrue(name, coverage)).toEqual([]);
}
