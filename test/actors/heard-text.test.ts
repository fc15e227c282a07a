import { expect, it } from 'vitest';
import * as fc from '../support/properties.ts';
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

const filler = 'One moment, please.';

it.each([
  ['it was heard before', 'Please come in.', 'One moment, please.', 'Please come in.'],
  ['it was cut', 'Moment by moment it grows.', 'Moment by One moment,', 'moment it grows.'],
  ['it is part of the text', 'One moment, please. Please come in.', 'One moment, please.', 'Please come in.'],
  ['it was heard in the text and beside it', `${filler} Please come in.`, `${filler} ${filler}`, 'Please come in.'],
])('D4.1 a word of a stored phrase is none of the answer: %s', (_, text, heard, rest) => {
  expect(restAfter(text, heard.split(' '), [filler])).toBe(rest);
});

it('D4.1 whatever stored phrases came between, no word that was not heard is held to be', () => {
  // Words of the phrase, and others: whatever they are confused with is among them.
  const word = fc.constantFrom('one', 'moment', 'please', 'room', 'free');
  const text = fc.array(word, { minLength: 1, maxLength: 8 });
  const places = fc.array(fc.nat(8), { maxLength: 2 });
  fc.assert(
    fc.property(text, fc.nat(8), places, fc.nat(3), (owed, upTo, between, cutTo) => {
      fc.pre(!owed.join(' ').includes('one moment please'));
      const heard = owed.slice(0, upTo);
      const words = heard.flatMap((each, index) => (between.includes(index) ? [...filler.split(' '), each] : [each]));
      const cut = filler.split(' ').slice(0, cutTo);
      const rest = restAfter(owed.join(' '), [...words, ...cut], [filler]);
      expect(rest.split(' ').filter(Boolean).length).toBeGreaterThanOrEqual(owed.length - heard.length);
      expect(owed.join(' ').endsWith(rest)).toBe(true);
    }),
  );
});
