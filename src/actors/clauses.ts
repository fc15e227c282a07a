const sentenceEnd = /[.!?…]["'»”)]*\s+/g;
const clauseEnd = /[,;:–—]["'»”)]*\s+/g;
const shortestFirstClause = 12;
const shortestClause = 60;

/**
 * Cuts streamed text into pieces worth a voice request: whole sentences, and the very first clause of a reply as soon
 * as it is long enough to sound natural. Text is passed on verbatim, trailing space included, since voices join texts as they are.
 */
export function createClauses(emit: (text: string) => void): { add(text: string): void; flush(): void } {
  let rest = '';
  let emitted = 0;
  const take = (length: number) => {
    emit(rest.slice(0, length));
    rest = rest.slice(length);
    emitted += 1;
  };
  const drain = () => {
    for (let cut = cutOf(rest, emitted === 0); cut > 0; cut = cutOf(rest, emitted === 0)) take(cut);
  };
  return {
    add(text) {
      rest += text;
      drain();
    },
    flush() {
      if (rest.trim()) take(rest.length);
      rest = '';
    },
  };
}

function cutOf(text: string, first: boolean): number {
  const sentence = endOf(sentenceEnd, text, 1);
  if (sentence > 0) return sentence;
  return endOf(clauseEnd, text, first ? shortestFirstClause : shortestClause);
}

function endOf(pattern: RegExp, text: string, shortest: number): number {
  for (const match of text.matchAll(pattern)) {
    const end = match.index + match[0].length;
    if (end >= shortest && !isAbbreviation(text.slice(0, match.index + 1))) return end;
  }
  return 0;
}

/** "Dr. Weber", "No. 5", "3. " are no ends of sentences. */
const isAbbreviation = (text: string): boolean =>
  /(?:^|\s)(?:Dr|Mr|Mrs|Ms|No|St|Nr|z\.B|ул|г|д|\p{Lu}|\d{1,2})\.$/u.test(text);
