import type { Failure } from '../failure.ts';

/** A word of the utterance with its place, in milliseconds from the first sample of the utterance's audio. */
export interface TimedWord {
  readonly text: string;
  readonly startMs: number;
  readonly endMs: number;
}

export type VoiceFact =
  /** 16 kHz PCM, in order, faster than real time. The array belongs to the receiver. */
  | { readonly type: 'voice.audio'; readonly pcm: Int16Array }
  /** Places of words; may come before or after their audio, each word once. */
  | { readonly type: 'voice.words'; readonly words: readonly TimedWord[] }
  /** Everything said before `end` has been delivered. Last fact. */
  | { readonly type: 'voice.done' }
  | { readonly type: 'voice.failed'; readonly failure: Failure };

/** What is said in one go: texts given with `say` join to one stream of audio. */
export interface Utterance {
  /** Speaks this clause at once; a complete clause with its punctuation and spacing. Texts before the voice is connected are kept, bounded. */
  say(text: string): void;
  /** Nothing more will be said: `voice.done` follows the last audio. */
  end(): void;
}

export interface Voice {
  readonly name: string;
  /**
   * Opens one utterance. `id` is unique and names it at the vendor (a context id may be derived from it).
   * Never throws; after `signal` aborts the vendor is told to stop and nothing is reported, late audio is dropped.
   */
  utter(
    options: { readonly signal: AbortSignal; readonly id: string; readonly language: string },
    report: (fact: VoiceFact) => void,
  ): Utterance;
}
