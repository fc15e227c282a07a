import type { TimedWord, Utterance, VoiceFact } from '../../actors/voice.ts';
import { msOf, samplesOf } from '../../audio/pcm.ts';
import { estimatedWords, spokenLetters } from '../../audio/word-times.ts';
import type { Clock, TimerId } from '../../clock.ts';
import type { Failure } from '../../failure.ts';
import { failureOf } from '../classify.ts';

/** 16 kHz PCM of one text as it comes. Throws `Unspoken`. */
export type Sound = AsyncGenerator<Int16Array, void>;

/** A text that could not be spoken, or not to its end. */
export class Unspoken extends Error {
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure.message);
    this.name = 'Unspoken';
    this.failure = failure;
  }
}

export interface UtteranceOptions {
  readonly sound: (text: string, signal: AbortSignal) => Sound;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly report: (fact: VoiceFact) => void;
}

/** One text, and what has come of it that was not reported yet. */
interface Job {
  readonly text: string;
  readonly pieces: Int16Array[];
  /** Of sound that came. */
  samples: number;
  begun: boolean;
  /** What of the text has no places yet. */
  unplaced: string;
  end?: 'whole' | Failure;
}

/** The next text is asked for while one is still coming, so that no gap is heard between them. */
const mostAtOnce = 2;
/** One request takes 4,096 characters at most. */
const longestText = 4096;
const mostWaitingChars = 20_000;
/** Sound that does not go on for so long has stalled, before its caller has heard silence for long enough that it is given up. */
const stalledMs = 500;
/** No text has more sound than this; a vendor that goes on is not speaking it. */
const mostSoundMs = ({ length }: string): number => 5_000 + 200 * length;
/** Nobody speaks so slowly: of a text that broke off or stalled, words are said to be heard later than they were rather than sooner. */
const slowestMsPerLetter = 100;

/** One utterance over a request for each text; their sounds are reported one after the other. */
export function createUtterance({ sound, clock, signal, report }: UtteranceOptions): Utterance {
  const jobs: Job[] = [];
  const stop = new AbortController();
  let samples = 0;
  let textStartMs = 0;
  let ended = false;
  let over = false;
  let stalling: TimerId;
  let stallsAt = 0;

  function finish(fact?: VoiceFact): void {
    if (over) return;
    over = true;
    clock.clearTimeout(stalling);
    signal.removeEventListener('abort', abort);
    stop.abort();
    if (fact) report(fact);
  }

  const abort = (): void => finish();

  async function run(job: Job): Promise<void> {
    try {
      for await (const pcm of sound(job.text, stop.signal)) {
        if (pcm.length === 0) continue;
        job.pieces.push(pcm);
        job.samples += pcm.length;
        if (msOf(job.samples) > mostSoundMs(job.text)) throw new Unspoken(endless);
        drain();
      }
      job.end = 'whole';
    } catch (error) {
      job.end = failureIn(error);
    }
    drain();
  }

  function begin(): void {
    for (const job of jobs.slice(0, mostAtOnce)) {
      if (job.begun) continue;
      job.begun = true;
      void run(job);
    }
  }

  /** Reports what has come, as far as it is its turn. */
  function drain(): void {
    for (let job = jobs[0]; job; job = jobs[0]) {
      const pieces = job.pieces.splice(0);
      for (const pcm of pieces) give(pcm);
      if (pieces.length > 0) watch(job, msOf(pieces.reduce((sum, { length }) => sum + length, 0)));
      if (over || job.end === undefined) return;
      clock.clearTimeout(stalling);
      if (job.end !== 'whole') return broke(job, job.end);
      place(estimatedWords(job.unplaced, textStartMs, msOf(samples)), msOf(samples));
      jobs.shift();
      begin();
    }
    if (ended && jobs.length === 0) finish({ type: 'voice.done' });
  }

  function give(pcm: Int16Array): void {
    if (over) return;
    samples += pcm.length;
    report({ type: 'voice.audio', pcm });
  }

  /**
   * Nobody is told words that have no places yet when the utterance is given up: they are placed before that. Sound that comes in
   * drops puts it off by no more than it lasts.
   */
  function watch(job: Job, cameMs: number): void {
    const now = clock.now();
    const first = job.samples === samplesOf(cameMs);
    stallsAt = first ? now + stalledMs : Math.min(now + stalledMs, Math.max(now, stallsAt) + cameMs);
    clock.clearTimeout(stalling);
    if (!over && job.end === undefined) stalling = clock.setTimeout(() => placeSaid(job), stallsAt - now);
  }

  function place(words: readonly TimedWord[], endMs: number): void {
    const placed = endMs > textStartMs ? words : [];
    textStartMs = endMs;
    if (placed.length > 0 && !over) report({ type: 'voice.words', words: placed });
  }

  /** Of a text that is not whole: as far as its sound surely goes. */
  function placeSaid(job: Job): void {
    const longestMs = spokenLetters(job.unplaced) * slowestMsPerLetter;
    const words = estimatedWords(job.unplaced, textStartMs, textStartMs + longestMs);
    const said = words.filter(({ endMs }) => endMs <= msOf(samples));
    const rest = words.slice(said.length);
    job.unplaced = rest.map(({ text }) => text).join(' ');
    if (said.length > 0) place(said, said.at(-1)!.endMs);
  }

  function broke(job: Job, failure: Failure): void {
    placeSaid(job);
    finish({ type: 'voice.failed', failure });
  }

  signal.addEventListener('abort', abort, { once: true });

  return {
    say(text) {
      if (over || ended || !text.trim()) return;
      jobs.push(...partsOf(text).map(jobOf));
      if (jobs.reduce((sum, job) => sum + job.text.length, 0) > mostWaitingChars)
        return finish({ type: 'voice.failed', failure: overflowed });
      begin();
    },
    end() {
      if (over || ended) return;
      ended = true;
      drain();
    },
  };
}

/** As few as one request each can take: between words, and never within a character. */
function partsOf(text: string): readonly string[] {
  if (text.length <= longestText) return [text];
  const at = text.lastIndexOf(' ', longestText - 1) + 1 || (isHalf(text, longestText) ? longestText - 1 : longestText);
  return [text.slice(0, at), ...partsOf(text.slice(at))];
}

/** Whether a character that takes two places stands on both sides. */
const isHalf = (text: string, at: number): boolean =>
  /^[\ud800-\udbff][\udc00-\udfff]/.test(text.slice(at - 1, at + 1));

const jobOf = (text: string): Job => ({ text, pieces: [], samples: 0, begun: false, unplaced: text });

const overflowed = failureOf('protocol', {
  vendor: 'openai',
  phase: 'stream',
  message: 'more text waits for its sound than an utterance may hold',
});

const endless = failureOf('garbage', {
  vendor: 'openai',
  phase: 'stream',
  message: 'more sound came than the text can have',
});

const failureIn = (error: unknown): Failure =>
  error instanceof Unspoken
    ? error.failure
    : failureOf('garbage', { vendor: 'openai', phase: 'stream', message: String(error) });
