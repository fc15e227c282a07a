import { expect, it } from 'vitest';
import { createContinuation } from '../../src/actors/continuation.ts';

/** What is passed on of an answer that comes in these pieces. */
function passed(said: string, ...pieces: string[]): string {
  const { add, end } = createContinuation(said);
  return [...pieces.map(add), end()].join('');
}

const said = 'Ruby it is, a fine stone,';

it.each([
  ['what goes on', ['and', ' rare.'], ' and rare.'],
  ['all of it said anew', ['Ruby it', ' is, a fine', ' stone, and', ' rare.'], ' and rare.'],
  ['written otherwise', ['ruby it is – a fine '.replace(' –', ''), 'stone and rare.'], ' and rare.'],
  ['a part said anew', ['Ruby it is, a very fine one.'], ' very fine one.'],
  ['a beginning that is alike', ['Ruby', ' rings are dear.'], ' Ruby rings are dear.'],
  ['nothing but what was said', ['Ruby it is, a fine', ' stone,'], ''],
  ['nothing', [], ''],
])('D4.1 of an answer that goes on, %s', (_, pieces, rest) => {
  expect(passed(said, ...pieces)).toBe(rest);
});

it('D4.1 an answer that nobody began is passed on as it comes', () => {
  expect(passed('', ' Ruby', ' it is.')).toBe(' Ruby it is.');
  expect(passed('Ruby it is, ', 'a fine stone.')).toBe('a fine stone.');
});
