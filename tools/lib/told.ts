import type { HeardWord } from '../../emulators/phone/types.ts';
import type { SpokenWord } from '../../emulators/verdict.ts';

/** How an answer was heard, word by word. */
export interface Told {
  /** Words heard again. */
  readonly repeated: number;
  /** Words before the last one that was heard, that were not. */
  readonly missing: readonly string[];
  /** The last word of it was heard. */
  readonly isWhole: boolean;
}

/**
 * Holds what was heard against an answer in which no word comes twice. Words that are not its own (a bridge, a filler) are
 * passed over.
 */
export function toldOf(answer: readonly string[], heard: readonly string[]): Told {
  const place = new Map(answer.map((word, index) => [word, index]));
  const places = heard.flatMap((word) => place.get(word) ?? []);
  const once = new Set(places);
  const last = Math.max(-1, ...places);
  return {
    repeated: places.length - once.size,
    missing: answer.filter((_, index) => index < last && !once.has(index)),
    isWhole: last === answer.length - 1,
  };
}

/** Words that the voice spoke before one of the same turn that was heard, and that were not heard: damaged on their way, as on a busy machine. */
export function damagedWords(
  spoken: ReadonlyMap<number, readonly SpokenWord[]>,
  heard: readonly Pick<HeardWord, 'number'>[],
): ReadonlySet<string> {
  const numbers = new Set(heard.map(({ number }) => number));
  const inTurn = (words: readonly SpokenWord[]) =>
    words
      .slice(0, words.findLastIndex(({ number }) => numbers.has(number)) + 1)
      .flatMap(({ number, text }) => (numbers.has(number) ? [] : [text]));
  return new Set([...spoken.values()].flatMap(inTurn));
}
