import type { Rule } from '../../../emulators/openai/script.ts';

/** What a caller asks for, and what he is told. No word of it comes twice, and none is in a phrase of the agent's. */
export interface Tale {
  /** Its last word is enough to know it by: one may be hurt on its way. */
  readonly asks: string;
  readonly about: string;
  readonly words: readonly string[];
}

const tale = (about: string, text: string): Tale => ({
  asks: `the ${about}`,
  about,
  words: text.split(' '),
});

/** One that is begun, cut, and gone on with. */
export const houseTale = tale(
  'house',
  'Our house was built by some lake long ago, it has forty rooms and views of green hills.',
);

/** … and is soon over. */
export const hillTale = tale('hill', 'Our hill stands near some lake, and has forty rooms.');

/** One that is over before anything happens. */
export const breadTale = tale('bread', 'Warm bread comes at seven.');

/** Some that follow each other without an end. */
export const longTales: readonly Tale[] = [
  houseTale,
  tale('food', 'Breakfast lasts until eleven, with fresh fruit, eggs, three sorts cheese from near farms, plus tea.'),
  tale('way', 'Take any train to Lindau, then bus number four, get off near harbour gate, walk two minutes.'),
];

export const taleRules: readonly Rule[] = [...longTales, hillTale, breadTale].map(({ about, words }) => ({
  user: about,
  text: words.join(' '),
}));
