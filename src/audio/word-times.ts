interface WordTime {
  readonly text: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** A digit is spoken as about so many letters. */
const lettersPerDigit = 5;

/** About how many letters a word is spoken as, with the gap after it. */
const lengthOf = (word: string): number => word.replaceAll(/\d/g, ' '.repeat(lettersPerDigit)).length + 1;

const wordsOf = (text: string): string[] => text.match(/\S+/g) ?? [];

/** About how many letters a text is spoken as, with the gaps between its words. */
export const spokenLetters = (text: string): number => wordsOf(text).reduce((sum, word) => sum + lengthOf(word), 0);

/** Places for words whose times the vendor did not tell: by their length, over the sound of their text. */
export function estimatedWords(text: string, startMs: number, endMs: number): WordTime[] {
  const perLetter = (endMs - startMs) / spokenLetters(text);
  let at = startMs;
  return wordsOf(text).map((word) => {
    const from = at;
    at += lengthOf(word) * perLetter;
    return { text: word, startMs: Math.round(from), endMs: Math.round(at - perLetter) };
  });
}
