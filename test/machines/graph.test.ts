import { describe, expect, it } from 'vitest';
import { nameOfTransition, transitionsOf } from '../support/transitions.ts';
import { type Part, parts } from '../support/walk-parts.ts';
import { type Walked, walked } from '../support/walked.ts';

/** Some ten seconds where nothing else runs. */
const patience = 300_000;

/** Transitions that no walk takes, and what is missing for that. */
function untaken({ name, tables, nodes, walks }: Part, results: readonly Walked[]): string[] {
  const taken = new Set(results.flatMap((result) => [...result.taken]));
  const offered = new Set(results.flatMap((result) => [...result.offered]));
  return nodes(walks()[0]!.machine)
    .flatMap(transitionsOf)
    .filter((each) => !taken.has(nameOfTransition(each)))
    .map((each) => {
      const isUnknown = each.eventType !== '' && !offered.has(each.eventType);
      const where = tables.map((table) => `test/support/${table}`).join(' or ');
      const why = isUnknown ? `add "${each.eventType}" to ${where}` : 'its state or its guard is not reached';
      return `no walk of ${name} takes ${nameOfTransition(each)}: ${why}`;
    });
}

async function walkedAll({ walks }: Part): Promise<Walked[]> {
  const results: Walked[] = [];
  // oxlint-disable-next-line no-await-in-loop -- one after the other
  for (const walk of walks()) results.push(await walked(walk));
  return results;
}

async function expectWalked(name: string): Promise<void> {
  const part = parts.find((each) => each.name === name)!;
  const results = await walkedAll(part);
  const sum = (count: 'states' | 'edges' | 'untimely') => results.reduce((total, each) => total + each[count], 0);
  console.log(`${name}: ${sum('states')} states, ${sum('edges')} edges, ${sum('untimely')} of them untimely`);
  expect(results.flatMap(({ wrong }) => wrong).slice(0, 10)).toEqual([]);
  expect(untaken(part, results)).toEqual([]);
}

describe('every edge is walked under the host', { timeout: patience }, () => {
  it('S1 line, with leaving', () => expectWalked('line'));
  it('S1 hearing, with our own ear for voice', () => expectWalked('hearing'));
  it('R4.1 recording', () => expectWalked('recording'));
  it('S1 conversation', () => expectWalked('conversation'));
  it('S1 reply', () => expectWalked('reply'));
  it('D1.3 D7.2 egress', () => expectWalked('egress'));
  it('D5.4 alerting', () => expectWalked('alert'));
  it('D8.1 D8.2 D8.3 D8.4 D8.5 D8.6 D8.7 D8.8 recovery', () => expectWalked('recovery'));
  it('D6.1 D6.2 D6.3 D6.4 token', () => expectWalked('token'));
});
