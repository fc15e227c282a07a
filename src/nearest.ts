/** Levenshtein: letters to insert, drop or change. */
export function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j += 1)
      next.push(Math.min((row[j] ?? 0) + (letter === b[j] ? 0 : 1), (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    row = next;
  }
  return row.at(-1) ?? 0;
}

/** The word that was probably meant: one that begins like it, else one with few slips in it. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const begun = known.filter((each) => word.length > 1 && (each.startsWith(word) || word.startsWith(each)));
  const far = (each: string): number => distance(word, each);
  const close = known.filter((each) => far(each) <= Math.max(1, Math.floor(each.length / 3)));
  return begun[0] ?? close.toSorted((a, b) => far(a) - far(b))[0];
}
