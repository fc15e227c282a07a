import { expect, it } from 'vitest';
import { restAfter } from '../../src/actors/heard-text.ts';

const owed = 'Yes, one room is free, please tell me your name.';

it.each([
  ['nothing was heard', '', owed],
  ['the first words were', 'Yes, one room', 'is free, please tell me your name.'],
  ['they were written otherwise', 'yes one room IS', 'free, please tell me your name.'],
  ['a phrase came before them', 'One moment, please. Yes, one room', 'is free, please tell me your name.'],
  ['a phrase came between them', 'Yes, One moment, please. one room is', 'free, please tell me your name.'],
  ['one was told in another way', 'Yes, 1 room is', 'free, please tell me your name.'],
  ['all were', owed, ''],
])('D4.1 what is left of a text when %s', (_, heard, rest) => {
  expect(restAfter(owed, heard.split(' ').filter(Boolean))).toBe(rest);
});

it('D4.1 of words that are alike as many are left as were not heard', () => {
  expect(restAfter('no no no', ['no'])).toBe('no no');
  expect(restAfter('', ['no'])).toBe('');
});
