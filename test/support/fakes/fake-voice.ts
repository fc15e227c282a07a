import type { TimedWord, Utterance, Voice, VoiceFact } from '../../../src/actors/voice.ts';
import { msOf, samplesOf } from '../../../src/audio/pcm.ts';
import { shielded, type Threw } from '../../../src/adapters/shielded.ts';
import type { Clock } from '../../../src/clock.ts';
import type { Failure } from '../../../src/failure.ts';
import { encodeWord, wordSamples } from '../../../emulators/tones/codec.ts';

/** How an utterance goes wrong: counted in words. */
export interface VoiceTrouble {
  readonly failure?: Failure;
  readonly failAfter?: number;
  readonly stallAfter?: number;
}

export interface FakeVoiceOptions {
  readonly clock: Clock;
  readonly name?: string;
  /** From a text to its first audio. Default 130. */
  readonly firstAudioMs?: number;
  /** How many times faster than real time audio comes. Default 10. */
  readonly realTimeFactor?: number;
  /** Words as tones (default false: a level tone of the right length, which is a hundred times cheaper). */
  readonly tones?: boolean;
  readonly trouble?: (utteranceId: string, text: string) => VoiceTrouble | undefined;
  /** As with the adapters; without it a throw comes out of the clock, for the test to see. */
  readonly threw?: Threw;
}

export interface SaidWord {
  readonly utterance: string;
  readonly number: number;
  readonly text: string;
}

export interface FakeVoice extends Voice {
  /** Every word that was made into audio, in order; the number is in its tones. */
  readonly said: readonly SaidWord[];
  /** Ids of all utterances opened, in order. */
  readonly utterances: readonly string[];
  /** Utterances that are neither done, failed nor aborted. */
  open(): number;
}

interface Piece {
  readonly facts: readonly VoiceFact[];
  readonly afterMs: number;
}

const level = 3000;

/** A voice on the given clock, a word at a time. Passes the contract of `Voice`. */
export function createFakeVoice(options: FakeVoiceOptions): FakeVoice {
  const { clock, name = 'fake', firstAudioMs = 130, realTimeFactor = 10, tones = false } = options;
  const said: SaidWord[] = [];
  const utterances: string[] = [];
  let open = 0;
  let lastNumber = 0;

  function speak(utterance: string, text: string, startSample: number): { audio: VoiceFact; word: TimedWord } {
    lastNumber = (lastNumber + 1) % 65_536;
    said.push({ utterance, number: lastNumber, text });
    const pcm = tones ? encodeWord(text, lastNumber) : new Int16Array(wordSamples(text)).fill(level);
    const endMs = msOf(startSample + pcm.length) - 20;
    return { audio: { type: 'voice.audio', pcm }, word: { text, startMs: msOf(startSample), endMs } };
  }

  function utter(
    { signal, id }: { signal: AbortSignal; id: string; language: string },
    receiver: (fact: VoiceFact) => void,
  ): Utterance {
    const report = options.threw ? shielded(receiver, options.threw) : receiver;
    const queue: Piece[] = [];
    let samples = 0;
    let words = 0;
    let ended = false;
    let over = signal.aborted;
    let timer: unknown;
    utterances.push(id);
    if (!over) open += 1;

    function finish(): void {
      if (over) return;
      over = true;
      open -= 1;
      clock.clearTimeout(timer);
      signal.removeEventListener('abort', finish);
    }

    function step(): void {
      timer = undefined;
      for (const fact of queue.shift()?.facts ?? []) {
        if (over) return;
        if (fact.type === 'voice.failed' || fact.type === 'voice.done') finish();
        report(fact);
      }
      schedule();
    }

    function schedule(): void {
      const next = queue[0];
      if (!over && next && timer === undefined) timer = clock.setTimeout(step, next.afterMs);
    }

    function enqueue(text: string): void {
      const trouble = options.trouble?.(id, text);
      for (const [i, word] of (text.match(/\S+/g) ?? []).entries()) {
        if (trouble?.stallAfter !== undefined && words >= trouble.stallAfter) return;
        if (trouble?.failure && words >= (trouble.failAfter ?? 0)) {
          queue.push({ facts: [{ type: 'voice.failed', failure: trouble.failure }], afterMs: firstAudioMs });
          return;
        }
        const { audio, word: place } = speak(id, word, samples);
        const length = samplesOf(place.endMs - place.startMs + 20);
        queue.push({
          facts: [audio, { type: 'voice.words', words: [place] }],
          afterMs: i === 0 && queue.length === 0 ? firstAudioMs : msOf(length) / realTimeFactor,
        });
        samples += length;
        words += 1;
      }
    }

    signal.addEventListener('abort', finish, { once: true });
    return {
      say(text) {
        if (over || ended) return;
        enqueue(text);
        schedule();
      },
      end() {
        if (over || ended) return;
        ended = true;
        const stalls = options.trouble?.(id, '')?.stallAfter !== undefined;
        if (!stalls) queue.push({ facts: [{ type: 'voice.done' }], afterMs: 0 });
        schedule();
      },
    };
  }

  return { name, said, utterances, open: () => open, utter };
}
