/**
 * What of a text is left after the last word of it that is among these. Both are held against each other in order, by as many words
 * as they share: words of a phrase that came between may be among them, and vendors write some otherwise.
 */
export function restAfter(text: string, words: readonly string[]): string {
  const owed = text.split(/\s+/).filter(Boolean);
  const plainly = owed.map(plain);
  /** How many words the first so many of the text share with those seen so far. */
  let shared = owed.map(() => 0).concat(0);
  for (const word of words.map(plain)) {
    const before = shared;
    shared = [0];
    for (const [index, each] of plainly.entries())
      shared.push(each === word ? before[index]! + 1 : Math.max(before[index + 1]!, shared[index]!));
  }
  return owed.slice(shared.indexOf(shared.at(-1)!)).join(' ');
}

/** Case and punctuation do not make another word. */
const plain = (word: string): string =>
  word
    .toLowerCase()
    .normalize('NFKC')
    .replaceAll(/[^\p{L}\p{N}'-]+/gu, ' ')
    .trim();
