interface WordTime {
  readonly text: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** Places for words whose times the vendor did not tell: by their length, over the sound of their text. */
export function estimatedWords(text: string, startMs: number, endMs: number): WordTime[] {
  const words = text.match(/\S+/g) ?? [];
  const perLetter = (endMs - startMs) / words.reduce((sum, word) => sum + word.length + 1, 0);
  let at = startMs;
  return words.map((word) => {
    const from = at;
    at += (word.length + 1) * perLetter;
    return { text: word, startMs: Math.round(from), endMs: Math.round(at - perLetter) };
  });
}
