import { samplesOf } from './pcm.ts';

export interface PlayoutWord {
  readonly text: string;
  readonly startSample: number;
  readonly endSample: number;
}

/** How far a vendor's time of a last word may overhang its audio. */
const overhangSamples = samplesOf(60);
/** Times in whole milliseconds, of a word that has come to its end, may lie so much behind its audio. */
const roundedSamples = samplesOf(10);
const clauseEnd = /[,.;:!?…]["'»”’)\]]*\s*$/u;

/** The words of one turn by their place in its audio, and which of them were heard. */
export interface WordTrack {
  /** In any order, before or after their audio. */
  mark(words: readonly PlayoutWord[]): void;
  /** Words that are heard now, each once and in the order of their places. `total`: length of the audio once no more will come. */
  take(heardSamples: number, total?: number): string[];
  /** Words after this sample were not heard although they were taken: they can be once more. Gives how many. */
  giveBack(heardSamples: number): number;
  /** Forgets the words that do not lie within this audio to their end; gives the others, and where the last of them ends. */
  within(samples: number): { readonly words: readonly string[]; readonly endSample: number };
  /** Start of the word that `sample` cuts; `sample` itself between words. */
  wordStart(sample: number): number;
  /** Start of the clause that `sample` lies in: after the last word before it that ends with `,.;:!?…`. */
  clauseStart(sample: number): number;
}

export function createWordTrack(): WordTrack {
  let waiting: PlayoutWord[] = [];
  let all: PlayoutWord[] = [];
  return {
    mark(words) {
      all = byPlace([...all, ...words]);
      waiting = byPlace([...waiting, ...words]);
    },
    take(heardSamples, total) {
      const heard = waiting.filter((word) => isHeard(word, heardSamples, total));
      if (heard.length > 0) waiting = waiting.filter((word) => !isHeard(word, heardSamples, total));
      return heard.map((word) => word.text);
    },
    giveBack(heardSamples) {
      const back = all.filter((word) => !waiting.includes(word) && !isHeard(word, heardSamples, undefined));
      waiting = byPlace([...waiting, ...back]);
      return back.length;
    },
    within(samples) {
      const isWhole = (word: PlayoutWord) => word.endSample <= samples + roundedSamples;
      all = all.filter(isWhole);
      waiting = waiting.filter(isWhole);
      return { words: all.map(({ text }) => text), endSample: Math.min(samples, all.at(-1)?.endSample ?? 0) };
    },
    wordStart(sample) {
      const cut = all.findLast((word) => word.startSample < sample && sample < word.endSample);
      return cut?.startSample ?? sample;
    },
    clauseStart(sample) {
      const last = all.findLastIndex((word) => word.endSample <= sample && clauseEnd.test(word.text));
      if (last < 0) return 0;
      return Math.min(sample, all[last + 1]?.startSample ?? sample);
    },
  };
}

const byPlace = (words: PlayoutWord[]): PlayoutWord[] => words.sort((a, b) => a.startSample - b.startSample);

function isHeard(word: PlayoutWord, heardSamples: number, total: number | undefined): boolean {
  if (heardSamples <= word.startSample) return false;
  const overhangs = total !== undefined && word.endSample > total && word.endSample - total <= overhangSamples;
  return heardSamples >= (overhangs ? total : word.endSample);
}
