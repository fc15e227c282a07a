/** A word and where it lies in its turn's audio, in samples from the first one written for that turn. */
export interface PlacedWord {
  readonly text: string;
  readonly startSample: number;
  readonly endSample: number;
}

export type PlayerFact =
  /** The first sample of the turn was handed to the network. */
  | { readonly type: 'playback.started'; readonly turn: number }
  /**
   * These words (a delta) have reached the caller: their last sample has left us and had time to travel.
   * `heardMs` is how much of the turn was heard so far. After a `clear`, once more for what was already on its way.
   */
  | {
      readonly type: 'playback.heard';
      readonly turn: number;
      readonly words: readonly string[];
      readonly heardMs: number;
    }
  /**
   * The way to the caller was dead for a while before that was known: the last so many words of those told by `playback.heard` did
   * not reach him. Of the turn that is open they are played again, of the one before they are not.
   */
  | { readonly type: 'playback.unheard'; readonly turn: number; readonly words: number; readonly heardMs: number }
  /** All that was written has been played, but the turn has not ended: silence begins for the caller. */
  | { readonly type: 'playback.starved'; readonly turn: number }
  /** Ended and everything heard. Last fact of the turn. */
  | { readonly type: 'playback.finished'; readonly turn: number }
  /** More was written than a turn may hold; the rest was dropped. */
  | { readonly type: 'playback.overflowed'; readonly turn: number };

/** Where to go on after a pause: the very sample, the start of the cut word, the start of its clause. */
export type ResumePoint = 'sample' | 'word' | 'clause';

/**
 * Plays one turn at a time into the agent's track, in frames of at most 20 ms, paced by itself over a small native queue.
 * Calls for a turn that is not the open one are ignored: late audio of a cut turn must not be heard.
 * Nothing waits and nothing throws.
 */
export interface Player {
  /** Facts of all turns go to this one receiver; those that come while there is none go to the next. Returns the end of it. */
  subscribe(report: (fact: PlayerFact) => void): () => void;
  /** Begins a turn and clears any earlier one. `held`: collect, but play only after `resume`. */
  open(turn: number, options: { readonly held: boolean }): void;
  /** Adds audio at the end of the turn. At most 180 s a turn. */
  write(turn: number, pcm: Int16Array): void;
  /** Places words in the turn's audio; may come before or after the audio itself. */
  mark(turn: number, words: readonly PlacedWord[]): void;
  /** Samples written so far: where the next utterance of the turn begins. 0 for a turn that is not open. */
  written(turn: number): number;
  /**
   * Drops what was written after the last whole word, unless it is on its way already: somebody else goes on there. Gives the words
   * of the turn that are left, those heard among them, in order.
   */
  trim(turn: number): readonly string[];
  /** No more will be written: `playback.finished` follows when all was heard. */
  end(turn: number): void;
  /** Fades to this gain (0 = full voice, -12 = ducked) over `fadeMs`, also what is already in the native queue. */
  gain(turn: number, db: number, fadeMs: number): void;
  /** Falls silent at once and keeps its place: the first sample the caller will not hear. */
  pause(turn: number): void;
  resume(turn: number, from: ResumePoint): void;
  /** Falls silent at once and forgets the turn, after a last `playback.heard` for what is on its way. */
  clear(turn: number): void;
  /** Level in dBFS of the loudest 20 ms sent within the last 60 ms, -100 when silent: the envelope that an echo follows. */
  outboundDb(): number;
}
