import type { Clock } from '../clock.ts';
import { leaf, type Stamped } from './leaf.ts';
import type { PlacedWord, Player } from './player.ts';

/** A phrase that was made into sound beforehand, for when no voice can be had. */
export interface Clip {
  readonly text: string;
  readonly pcm: Int16Array;
  readonly words: readonly PlacedWord[];
}

/** Stored phrases of one agent. Never fails: where a phrase was never rendered, a tone stands for it, without words. */
export interface Clips {
  find(text: string, language: string): Clip;
}

type Fact = { readonly type: 'clip.played_out'; readonly text: string };
export type ClipFact = Stamped<Fact>;

export interface ClipInput {
  readonly turn: number;
  readonly language: string;
  readonly texts: readonly string[];
  /** More is to follow in this turn. */
  readonly goesOn: boolean;
}

/** Writes stored phrases to the player's turn, behind its last whole word, and ends it where nothing is to follow. */
export const playClip = (clips: Clips, player: Player, clock: Clock) =>
  leaf<Fact, { type: 'none' }, ClipInput>(clock, ({ input: { turn, language, texts, goesOn }, report }) => {
    player.trim(turn);
    for (const text of texts) {
      const clip = clips.find(text, language);
      const from = player.written(turn);
      player.write(turn, clip.pcm);
      player.mark(
        turn,
        clip.words.map((word) => shifted(word, from)),
      );
    }
    if (!goesOn) player.end(turn);
    report({ type: 'clip.played_out', text: texts.join(' ') });
  });

const shifted = (word: PlacedWord, by: number): PlacedWord => ({
  text: word.text,
  startSample: word.startSample + by,
  endSample: word.endSample + by,
});
