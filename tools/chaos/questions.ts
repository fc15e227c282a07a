import type { Rule } from '../../emulators/openai/script.ts';

/** What callers ask, and the answer they must hear. No word comes twice in an answer, and none is one of the agent's phrases. */
export interface Question {
  readonly asks: string;
  readonly answer: string;
}

export const questions: readonly Question[] = [
  {
    asks: 'tell me about the house',
    answer: 'This house was built beside a lake long ago, with forty rooms and fine views towards green hills.',
  },
  {
    asks: 'what is there to eat',
    answer: 'Breakfast is served until eleven, with warm bread, cheese from near farms, eggs, and fresh fruit.',
  },
  {
    asks: 'how do i come to you',
    answer: 'Take a train to Lindau, then bus number four, get off near its harbour and walk two minutes.',
  },
];

/** The question by which something is done that must not be done twice. */
export const booking: Question = {
  asks: 'please book the room now',
  answer: 'Your room has been booked, number seventeen, two nights with breakfast.',
};

/** What the emulated model answers. */
export const chaosRules: readonly Rule[] = [
  { tool: 'book', text: booking.answer },
  { user: booking.asks, tools: [{ name: 'book', input: { nights: 2 } }] },
  ...questions.map(({ asks, answer }) => ({ user: asks, text: answer })),
];
