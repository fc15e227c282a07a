import * as fc from '../support/properties.ts';
import { expect, test } from 'vitest';
import { createClauses } from '../../src/actors/clauses.ts';

/** What is emitted after each token, and at the end. */
function cut(tokens: readonly string[]): { readonly afterEach: string[][]; readonly all: string[] } {
  const all: string[] = [];
  let fresh: string[] = [];
  const clauses = createClauses((text) => {
    all.push(text);
    fresh.push(text);
  });
  const afterEach = tokens.map((token) => {
    fresh = [];
    clauses.add(token);
    return fresh;
  });
  clauses.flush();
  return { afterEach, all };
}

test('R9.1 a sentence is given with its last token, not with the one behind it', () => {
  const { afterEach, all } = cut(['Of', ' course', '.', ' Pets', ' are', ' welcome', '.']);
  expect(afterEach).toEqual([[], [], ['Of course.'], [], [], [], [' Pets are welcome.']]);
  expect(all.join('')).toBe('Of course. Pets are welcome.');
});

test('R9.1 the first clause may be short, later ones are whole sentences', () => {
  expect(cut(['Good', ' morning,', ' this', ' is', ' Anna,', ' how', ' can', ' I', ' help?']).afterEach).toEqual([
    [],
    ['Good morning,'],
    [],
    [],
    [],
    [],
    [],
    [],
    [' this is Anna, how can I help?'],
  ]);
});

test('a first clause of a word or two waits for more', () => {
  expect(cut(['Yes,', ' we', ' do.']).all).toEqual(['Yes, we do.']);
});

test.each([
  [['It', ' costs', ' 3.', '5', ' euros', '.'], ['It costs 3.5 euros.']],
  [['About', ' 1,', '000', ' guests', ' came', '.'], ['About 1,000 guests came.']],
  [['Ask', ' Dr', '.', ' Weber', '.'], ['Ask Dr. Weber.']],
  [['At', ' 7', ' a.', 'm.', ' sharp', '.'], ['At 7 a.m. sharp.']],
  [
    ['Room', ' no', '. ', 'five', '.'],
    ['Room no. ', 'five.'],
  ],
])('%j is cut into %j', (tokens, pieces) => {
  expect(cut(tokens).all).toEqual(pieces);
});

test('what has neither letter nor digit is no piece of its own', () => {
  expect(cut(['Well', '.', '.', '.', ' let', ' me', ' see', '.']).all).toEqual(['Well.', '.. let me see.']);
  expect(cut(['Done', '!', ' ', '…']).all).toEqual(['Done!']);
});

test('nothing that is spoken is lost or changed, however the text is cut into tokens', () => {
  const word = fc.constantFrom(
    'Yes',
    ' Dr',
    '.',
    ',',
    ' ',
    '…',
    '3',
    '.5',
    ' a',
    '?',
    ' there',
    ' are',
    '" ',
    '!',
    ';',
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 60 }), (tokens) => {
      const given = cut(tokens).all.join('');
      const text = tokens.join('');
      expect(text.startsWith(given)).toBe(true);
      expect(text.slice(given.length)).not.toMatch(/[\p{L}\p{N}]/u);
    }),
  );
});
