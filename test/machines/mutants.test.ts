import { describe, expect, it } from 'vitest';
import { hunted } from '../support/hunt.ts';
import { reasonOf } from '../support/survivors.ts';
import { parts } from '../support/walk-parts.ts';

/** A minute for the largest where nothing else runs. */
const patience = 1_200_000;

async function expectKilled(name: string): Promise<void> {
  const { mutants, survivors } = await hunted(parts.find((part) => part.name === name)!);
  console.log(`${name}: ${mutants.length - survivors.length} of ${mutants.length} mutants killed`);
  expect(survivors.filter((each) => reasonOf(each) === undefined).map((each) => each.name)).toEqual([]);
  expect(survivors.length / mutants.length).toBeLessThan(0.05);
}

describe('a machine with one thing wrong is found by the walks', { timeout: patience }, () => {
  it('S1 line', () => expectKilled('line'));
  it('S1 hearing', () => expectKilled('hearing'));
  it('R4.1 recording', () => expectKilled('recording'));
  it('S1 conversation', () => expectKilled('conversation'));
  it('S1 reply', () => expectKilled('reply'));
  it('D1.3 D7.2 egress', () => expectKilled('egress'));
  it('D5.4 alerting', () => expectKilled('alert'));
  it('R10.1 keeping', () => expectKilled('keeping'));
  it('R10.1 worker', () => expectKilled('worker'));
  it('R10.1 reconciler', () => expectKilled('reconciler'));
  it('D8.1 D8.8 recovery', () => expectKilled('recovery'));
  it('D6.1 D6.2 D6.3 D6.4 token', () => expectKilled('token'));
});
