import type { HeardWord } from '../../emulators/phone/types.ts';

/** How a sentence that was interrupted goes on at the ear. */
export interface Resumption {
  /** From the last word before to the first sound after. */
  readonly silenceMs: number;
  /** The sentence's words that were heard twice, and those that were not heard at all. */
  readonly repeated: number;
  readonly lost: readonly string[];
  /** What was said before it went on. */
  readonly bridge: string;
}

/** `sentence`: all of what is said, no word of it twice. `atMs`: when its process died. */
export function resumptionOf(sentence: string, heard: readonly HeardWord[], atMs: number): Resumption {
  const words = sentence.split(' ');
  const placeOf = ({ text }: HeardWord) => words.indexOf(text);
  const from = heard.findIndex((word) => placeOf(word) === 0);
  const told = heard.slice(from);
  // A word on its way is still heard after its speaker has died.
  const restart = told.findIndex((word, index) => index > 0 && word.startMs > atMs && !follows(told, index, placeOf));
  const after = told.slice(restart);
  const again = after.findIndex((word) => placeOf(word) >= 0);
  const places = told.map(placeOf).filter((place) => place >= 0);
  return {
    silenceMs: Math.round((after[0]?.startMs ?? Number.NaN) - (told[restart - 1]?.endMs ?? Number.NaN)),
    repeated: places.length - new Set(places).size,
    lost: words.filter((_, place) => !places.includes(place)),
    bridge: after
      .slice(0, again)
      .map(({ text }) => text)
      .join(' '),
  };
}

/** It comes right after the word before it, in the sentence and, as far as a busy machine lets it, at the ear. */
function follows(told: readonly HeardWord[], index: number, placeOf: (word: HeardWord) => number): boolean {
  const [before, word] = [told[index - 1]!, told[index]!];
  return placeOf(word) === placeOf(before) + 1 && word.startMs - before.endMs < 400;
}
