/**
 * What of a text is left after the last word of it that is among these. Both are held against each other in order, by as many words
 * as they share: vendors write some otherwise. Of the `asides`, phrases that may have been heard between the words, to the end or
 * cut at the end, no word counts for one of the text but where the text holds that very phrase.
 */
export function restAfter(text: string, words: readonly string[], asides: readonly string[] = []): string {
  const owed = text.split(/\s+/).filter(Boolean);
  const phrases = asides.map(wordsOf).filter(({ length }) => length > 0);
  const plainly = apart(owed.map(plain), phrases, false);
  /** How many words the first so many of the text share with those seen so far. */
  let shared = owed.map(() => 0).concat(0);
  for (const word of apart(words.map(plain), phrases, true)) {
    const before = shared;
    shared = [0];
    for (const [index, each] of plainly.entries())
      shared.push(each === word ? before[index]! + 1 : Math.max(before[index + 1]!, shared[index]!));
  }
  return owed.slice(shared.indexOf(shared.at(-1)!)).join(' ');
}

/** Makes other words of those that stand in one of the phrases: `please` in "One moment, please." is then no other "please". */
function apart(words: readonly string[], phrases: readonly (readonly string[])[], mayBeCut: boolean): string[] {
  const told = [...words];
  for (let from = 0; from < words.length; from += 1) {
    const length = Math.max(0, ...phrases.map((phrase) => lengthAt(words.slice(from), phrase, mayBeCut)));
    for (let place = 0; place < length; place += 1) told[from + place] = `${words[from + place]} ${place}`;
    from += Math.max(0, length - 1);
  }
  return told;
}

/** How many of these words, from the first one on, are the phrase. */
function lengthAt(words: readonly string[], phrase: readonly string[], mayBeCut: boolean): number {
  const length = Math.min(words.length, phrase.length);
  if (length < phrase.length && !mayBeCut) return 0;
  return phrase.slice(0, length).every((word, place) => word === words[place]) ? length : 0;
}

const wordsOf = (text: string): string[] => text.split(/\s+/).filter(Boolean).map(plain);

/** Case and punctuation do not make another word. */
const plain = (word: string): string =>
  word
    .toLowerCase()
    .normalize('NFKC')
    .replaceAll(/[^\p{L}\p{N}'-]+/gu, ' ')
    .trim();
