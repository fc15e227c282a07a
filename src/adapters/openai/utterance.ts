import type { Utterance, VoiceFact } from '../../actors/voice.ts';
import { msOf } from '../../audio/pcm.ts';
import { estimatedWords } from '../../audio/word-times.ts';
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
  readonly signal: AbortSignal;
  readonly report: (fact: VoiceFact) => void;
}

/** One text, and what has come of it that was not reported yet. */
interface Job {
  readonly text: string;
  readonly pieces: Int16Array[];
  begun: boolean;
  end?: 'whole' | Failure;
}

/** The next text is asked for while one is still coming, so that no gap is heard between them. */
const mostAtOnce = 2;
/** One request takes 4,096 characters at most. */
const longestText = 4096;
const mostWaitingChars = 20_000;
/** Nobody speaks so slowly: of a text that broke off, words are said to be heard later than they were rather than sooner. */
const slowestMsPerLetter = 100;

/** One utterance over a request for each text; their sounds are reported one after the other. */
export function createUtterance({ sound, signal, report }: UtteranceOptions): Utterance {
  const jobs: Job[] = [];
  const stop = new AbortController();
  let samples = 0;
  let textStartMs = 0;
  let ended = false;
  let over = false;

  function finish(fact?: VoiceFact): void {
    if (over) return;
    over = true;
    signal.removeEventListener('abort', abort);
    stop.abort();
    if (fact) report(fact);
  }

  const abort = (): void => finish();

  async function run(job: Job): Promise<void> {
    try {
      for await (const pcm of sound(job.text, stop.signal)) {
        job.pieces.push(pcm);
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
      for (const pcm of job.pieces.splice(0)) give(pcm);
      if (over || job.end === undefined) return;
      if (job.end !== 'whole') return broke(job.text, job.end);
      place(job.text, msOf(samples));
      jobs.shift();
      begin();
    }
    if (ended && jobs.length === 0) finish({ type: 'voice.done' });
  }

  function give(pcm: Int16Array): void {
    if (over || pcm.length === 0) return;
    samples += pcm.length;
    report({ type: 'voice.audio', pcm });
  }

  function place(text: string, endMs: number): void {
    const words = endMs > textStartMs ? estimatedWords(text, textStartMs, endMs) : [];
    textStartMs = endMs;
    if (words.length > 0 && !over) report({ type: 'voice.words', words });
  }

  function broke(text: string, failure: Failure): void {
    const words = estimatedWords(text, textStartMs, textStartMs + (text.trim().length + 1) * slowestMsPerLetter);
    const said = words.filter(({ endMs }) => endMs <= msOf(samples));
    if (said.length > 0) report({ type: 'voice.words', words: said });
    finish({ type: 'voice.failed', failure });
  }

  signal.addEventListener('abort', abort, { once: true });

  return {
    say(text) {
      if (over || ended || !text.trim()) return;
      for (let at = 0; at < text.length; at += longestText)
        jobs.push({ text: text.slice(at, at + longestText), pieces: [], begun: false });
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

const overflowed = failureOf('protocol', {
  vendor: 'openai',
  phase: 'stream',
  message: 'more text waits for its sound than an utterance may hold',
});

const failureIn = (error: unknown): Failure =>
  error instanceof Unspoken
    ? error.failure
    : failureOf('garbage', { vendor: 'openai', phase: 'stream', message: String(error) });
