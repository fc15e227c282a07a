import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Coverage, covered } from '../support/coverage.ts';
import { parts } from '../support/walk-parts.ts';

/** Some ten seconds where nothing else runs. */
const patience = 300_000;

const page = readFileSync(new URL('../../docs/coverage.md', import.meta.url), 'utf8');

/** What docs/coverage.md says of a part beyond what is so; a machine that has grown since is no lie. */
function untrue(name: string, { states, edges }: Coverage): string[] {
  const row = new RegExp(`^\\| ${name} \\| (\\d+) \\| (\\d+) \\|`, 'm').exec(page);
  if (row && Number(row[1]) <= states && Number(row[2]) <= edges) return [];
  const said = row ? `${row[1]} states and ${row[2]} edges` : 'nothing';
  return [`docs/coverage.md tells of ${name} ${said}: node tools/run.js tools/coverage.ts --write mends it`];
}

async function expectWalked(name: string): Promise<void> {
  const coverage = await covered(parts.find((part) => part.name === name)!);
  const { states, edges, untimely } = coverage;
  console.log(`${name}: ${states} states, ${edges} edges, ${untimely} of them untimely`);
  expect(coverage.wrong.slice(0, 10)).toEqual([]);
  expect(coverage.untaken).toEqual([]);
  expect(untrue(name, coverage)).toEqual([]);
}

describe('every edge is walked under the host', { timeout: patience }, () => {
  it('S1 line, with leaving', () => expectWalked('line'));
  it('S1 hearing, with our own ear for voice', () => expectWalked('hearing'));
  it('R4.1 recording', () => expectWalked('recording'));
  it('S1 conversation', () => expectWalked('conversation'));
  it('S1 reply', () => expectWalked('reply'));
  it('D1.3 D7.2 egress', () => expectWalked('egress'));
  it('D5.4 alerting', () => expectWalked('alert'));
  it('R10.1 keeping', () => expectWalked('keeping'));
  it('R10.1 worker', () => expectWalked('worker'));
  it('R10.1 reconciler', () => expectWalked('reconciler'));
  it('S6 D8.1 D8.2 D8.3 D8.4 D8.5 D8.6 D8.7 D8.8 recovery', () => expectWalked('recovery'));
  it('D6.1 D6.2 D6.3 D6.4 token', () => expectWalked('token'));
});
