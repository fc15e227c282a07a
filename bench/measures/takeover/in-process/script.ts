/** What callers ask, and what they are answered: each question, and each word of its answer, but once in a call. */
export const questionOf = (n: number): string => `Tell me about ${n}.`;

/** Said between two questions: nobody asks him then whether he is still there. */
export const holdOn = 'Hold on, please.';

/** The numbers of the questions in a text: who goes on before he is answered asks several in one turn. */
export const questionsIn = (text: string): readonly number[] =>
  [...text.matchAll(/Tell me about (\d+)\./g)].map(([, n]) => Number(n));

const names = ['north', 'east', 'south', 'west', 'spring', 'summer', 'autumn', 'winter', 'morning', 'evening'];

export const answerWords = (n: number): readonly string[] =>
  names.map((name, at) => `${name}${n}${at === names.length - 1 ? '.' : ''}`);

/** The last question is answered. */
export function answerTo(text: string): string {
  const n = questionsIn(text).at(-1);
  return n === undefined ? 'Please go on.' : answerWords(n).join(' ');
}

/** The question that a word answers; nothing for a word of a phrase. */
export function answeredBy(word: string): number | undefined {
  const n = /^[a-z]+(\d+)\.?$/.exec(word)?.[1];
  return n === undefined ? undefined : Number(n);
}
