import { samplesOf } from '../audio/pcm.ts';
import type { Clock } from '../clock.ts';
import type { Failure } from '../failure.ts';
import { leaf, type Stamped } from './leaf.ts';
import type { Player } from './player.ts';
import type { TimedWord, Voice } from './voice.ts';

type Fact =
  /** A text was handed to the voice. */
  | { readonly type: 'voice.requested'; readonly vendor: string }
  /** The first audio of the utterance has come, and after each `voice.listen` the next. */
  | { readonly type: 'voice.first_audio' }
  /** All that was said has been written to the player, and the turn was ended there. */
  | { readonly type: 'voice.done' }
  | { readonly type: 'voice.failed'; readonly failure: Failure };

export type SpeakFact = Stamped<Fact>;

export type SpeakCommand =
  | { readonly type: 'voice.say'; readonly text: string }
  /** The caller hears nothing: tells when audio comes again. */
  | { readonly type: 'voice.listen' }
  | { readonly type: 'voice.end' };

export interface SpeakInput {
  readonly turn: number;
  /** Unique name of the utterance, for the vendor and for tests. */
  readonly utteranceId: string;
  readonly language: string;
}

/** Speaks one utterance into one turn of the player; audio goes there directly, never through a mailbox. */
export const speak = (voice: Voice, player: Player, clock: Clock) =>
  leaf<Fact, SpeakCommand, SpeakInput>(clock, ({ input, signal, report, receive }) => {
    const { turn } = input;
    const from = player.written(turn);
    let awaited = true;
    const utterance = voice.utter({ signal, id: input.utteranceId, language: input.language }, (fact) => {
      if (fact.type === 'voice.words') return player.mark(turn, placed(fact.words, from));
      if (fact.type === 'voice.audio') {
        // Told before it is played, so that what the player takes is known apart from what the voice took.
        if (awaited) report({ type: 'voice.first_audio' });
        awaited = false;
        return player.write(turn, fact.pcm);
      }
      if (fact.type === 'voice.done') player.end(turn);
      report(fact);
    });
    receive((command) => {
      if (command.type === 'voice.end') return utterance.end();
      if (command.type === 'voice.listen') return void (awaited = true);
      report({ type: 'voice.requested', vendor: voice.name });
      utterance.say(command.text);
    });
  });

const placed = (words: readonly TimedWord[], from: number) =>
  words.map(({ text, startMs, endMs }) => ({
    text,
    startSample: from + samplesOf(startMs),
    endSample: from + samplesOf(endMs),
  }));
