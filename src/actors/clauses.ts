const sentenceEnd = /[.!?…]["'»”)]*\s+/g;
const clauseEnd = /[,;:–—]["'»”)]*\s+/g;
/** The same with nothing behind it yet. After a digit or a single letter the next token may go on: "3.5", "a.m.", "1,000". */
const sentenceEndForNow = /(?<=\p{L}{2})[.!?…]$/gu;
const clauseEndForNow = /(?<=\p{L}{2})[,;]$/gu;
const shortestFirstClause = 12;
const shortestClause = 60;

/**
 * Cuts streamed text into pieces worth a voice request: whole sentences, and the very first clause of a reply as soon
 * as it is long enough to sound natural, without waiting for the token behind it. Text is passed on verbatim, spaces
 * included, since voices join texts as they are; what has neither letter nor digit is no piece of its own.
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
      if (isSpoken(rest)) take(rest.length);
      rest = '';
    },
  };
}

function cutOf(text: string, first: boolean): number {
  const shortest = first ? shortestFirstClause : shortestClause;
  return (
    endOf(sentenceEnd, text, 1) ||
    endOf(clauseEnd, text, shortest) ||
    endOf(sentenceEndForNow, text, 1) ||
    endOf(clauseEndForNow, text, shortest - 1)
  );
}

function endOf(pattern: RegExp, text: string, shortest: number): number {
  for (const match of text.matchAll(pattern)) {
    const end = match.index + match[0].length;
    if (end >= shortest && isSpoken(text.slice(0, end)) && !isAbbreviation(text.slice(0, match.index + 1))) return end;
  }
  return 0;
}

const isSpoken = (text: string): boolean => /[\p{L}\p{N}]/u.test(text);

/** "Dr. Weber", "No. 5", "a.m. ", "3. " are no ends of sentences. */
const isAbbreviation = (text: string): boolean =>
  /(?:^|\s)(?:Dr|Mr|Mrs|Ms|No|St|Nr|\p{L}\.\p{L}|ул|г|д|\p{Lu}|\d{1,2})\.$/u.test(text);
