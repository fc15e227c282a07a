/**
 * What of a text is left after the last word of it that is among these. Words are found in order, not counted: others, of a
 * phrase that came between, may be among them, and vendors write some otherwise.
 */
export function restAfter(text: string, words: readonly string[]): string {
  const owed = text.split(/\s+/).filter(Boolean);
  let next = 0;
  for (const word of words) {
    const found = owed.findIndex((each, index) => index >= next && plain(each) === plain(word));
    if (found >= 0) next = found + 1;
  }
  return owed.slice(next).join(' ');
}

/** Case and punctuation do not make another word. */
const plain = (word: string): string =>
  word
    .toLowerCase()
    .normalize('NFKC')
    .replaceAll(/[^\p{L}\p{N}'-]+/gu, ' ')
    .trim();
