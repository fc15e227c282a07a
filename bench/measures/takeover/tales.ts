import type { Rule } from '../../../emulators/openai/script.ts';

/** What a caller asks for, and what he is told. No word of it comes twice, and none is in a phrase of the agent's. */
export interface Tale {
  readonly asks: string;
  readonly words: readonly string[];
}

const tale = (asks: string, text: string): Tale => ({ asks, words: text.split(' ') });

/** One that is begun, cut, and gone on with. */
export const houseTale = tale(
  'tell me of the house',
  'Our house was built by some lake long ago, it has forty rooms and views of green hills.',
);

/** One that is over before anything happens. */
export const breadTale = tale('tell me of the bread', 'Warm bread comes at seven.');

/** Some that follow each other without an end. */
export const longTales: readonly Tale[] = [
  houseTale,
  tale(
    'tell me of the food',
    'Breakfast lasts until eleven, with fresh fruit, eggs, three sorts cheese from near farms, plus tea.',
  ),
  tale(
    'tell me of the way',
    'Take any train to Lindau, then bus number four, get off near harbour gate, walk two minutes.',
  ),
];

export const taleRules: readonly Rule[] = [...longTales, breadTale].map(({ asks, words }) => ({
  user: asks,
  text: words.join(' '),
}));
