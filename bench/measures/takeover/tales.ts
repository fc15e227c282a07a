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

export const taleRules: readonly Rule[] = [{ user: houseTale.asks, text: houseTale.words.join(' ') }];
