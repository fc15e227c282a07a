import { restAfter } from './heard-text.ts';
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
  /** Which of the agent's voices. */
  readonly voice: string;
  /** What another voice was given in this turn and may not have said: it is said from the first word that is not whole. */
  readonly owed: string;
  /** Stored phrases that may have been played meanwhile. */
  readonly asides: readonly string[];
}

/** The agent's voices by name. */
export interface Voices {
  find(name: string): Voice;
}

/** Speaks one utterance into one turn of the player; audio goes there directly, never through a mailbox. */
export const speak = (voices: Voices, player: Player, clock: Clock) =>
  leaf<Fact, SpeakCommand, SpeakInput>(clock, ({ input, signal, report, receive }) => {
    const { turn, owed, asides, utteranceId: id, language } = input;
    const rest = owed && restAfter(owed, player.trim(turn), asides);
    const place = createPlace(player, turn);
    let awaited = true;
    const voice = voices.find(input.voice);
    const utterance = voice.utter({ signal, id, language }, (fact) => {
      if (fact.type === 'voice.words') return place.mark(fact.words);
      if (fact.type === 'voice.audio') {
        // Told before it is played, so that what the player takes is known apart from what the voice took.
        if (awaited) report({ type: 'voice.first_audio' });
        awaited = false;
        return place.write(fact.pcm);
      }
      if (fact.type === 'voice.done') player.end(turn);
      report(fact);
    });
    const say = (text: string) => {
      report({ type: 'voice.requested', vendor: voice.name });
      utterance.say(text);
    };
    receive((command) => {
      if (command.type === 'voice.end') return utterance.end();
      if (command.type === 'voice.listen') return void (awaited = true);
      say(command.text);
    });
    if (rest) say(`${rest} `);
  });

/** The utterance's place in the turn: behind what is written when its first audio comes, be it a stored phrase that came between. */
function createPlace(player: Player, turn: number) {
  const early: TimedWord[] = [];
  let from: number | undefined;
  return {
    write(pcm: Int16Array): void {
      from ??= player.written(turn);
      if (early.length > 0) player.mark(turn, placed(early.splice(0), from));
      player.write(turn, pcm);
    },
    mark(words: readonly TimedWord[]): void {
      if (from === undefined) early.push(...words);
      else player.mark(turn, placed(words, from));
    },
  };
}

const placed = (words: readonly TimedWord[], from: number) =>
  words.map(({ text, startMs, endMs }) => ({
    text,
    startSample: from + samplesOf(startMs),
    endSample: from + samplesOf(endMs),
  }));
