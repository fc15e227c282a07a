/** Begins with what another had said already: fewer words are no repetition, many sentences begin alike. */
const fewestRepeated = 3;

/**
 * Passes on what one model adds to an answer that another began. Models that are asked to go on often begin anew: words with
 * which `said` begins, told once more at the beginning, are dropped. Texts join as they are, so a space is put between.
 */
export function createContinuation(said: string): { add(text: string): string; end(): string } {
  const before = wordsIn(said);
  const gap = said === '' || /\s$/.test(said) ? '' : ' ';
  let held = '';
  let isFirst = true;
  let decided = before.length === 0;

  function pass(text: string): string {
    if (text === '' || !isFirst) return text;
    isFirst = false;
    return /^\s/.test(text) ? text : gap + text;
  }

  function decide(words: readonly RegExpMatchArray[]): string {
    decided = true;
    const count = sameWords(words, before);
    const isRepeated = count >= fewestRepeated || count === before.length;
    const last = isRepeated ? words[count - 1] : undefined;
    const rest = last ? held.slice(last.index! + last[0].length) : held;
    held = '';
    return pass(last && gap === '' ? rest.trimStart() : rest);
  }

  return {
    add(text) {
      if (decided) return pass(text);
      held += text;
      // The last word may not be whole.
      const words = [...held.matchAll(/\S+/g)];
      const whole = /\s$/.test(held) ? words : words.slice(0, -1);
      const isOpen = sameWords(whole, before) === whole.length && whole.length < before.length;
      return isOpen ? '' : decide(whole);
    },
    end: () => (decided ? '' : decide([...held.matchAll(/\S+/g)])),
  };
}

const wordsIn = (text: string): string[] => (text.match(/\S+/g) ?? []).map(plain);

const plain = (word: string): string => word.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');

/** With how many words of `before` these begin. */
function sameWords(words: readonly RegExpMatchArray[], before: readonly string[]): number {
  const other = words.findIndex(([word], index) => plain(word) !== before[index]);
  return Math.min(other < 0 ? words.length : other, before.length);
}
