import type { Transcriber, TranscriberFact, TranscriberSession } from '../../actors/transcriber.ts';
import type { Clock } from '../../clock.ts';
import type { Failure } from '../../failure.ts';
import { failureOf } from '../classify.ts';
import { shielded, type Threw } from '../shielded.ts';
import { type AccountOptions, openAccount } from './client.ts';
import { dictationOf, type Heard, textOf } from './dictation.ts';
import { failureFrom } from './failure.ts';
import { createUtterances } from './utterances.ts';

export interface OpenAiTranscriberOptions extends AccountOptions {
  /** Such as `gpt-4o-mini-transcribe` or, of Groq, `whisper-large-v3-turbo`. */
  readonly model: string;
  readonly clock: Clock;
  /** Told when a receiver of facts threw: that fact is lost. */
  readonly threw?: Threw;
}

export interface OpenAiTranscriber extends Transcriber {
  /** Makes sure of a connection and proves key and model, unbilled (`GET /models/…`). Gives what was wrong. */
  warm(): Promise<Failure | undefined>;
  /** Asks over new connections from now on; what is under way is still answered over the old ones. */
  drop(): void;
  /** Closes idle connections; sessions end by their signals. Idempotent. */
  close(): Promise<void>;
}

/** An account that has answered so lately counts as open. */
const provedMs = 60_000;
/** Utterances under way; with one more the vendor is too slow to be of use. */
const mostAsked = 4;

/**
 * Transcription by OpenAI or Groq, utterance by utterance: our own detector finds their ends, each goes out as a WAV file,
 * and its text comes as settled words, followed by `stt.turn_maybe_ended`. Nothing is told while the caller speaks.
 */
export function createOpenAiTranscriber(options: OpenAiTranscriberOptions): OpenAiTranscriber {
  const { name, model, clock } = options;
  const account = openAccount(options);
  let provedAt = Number.NEGATIVE_INFINITY;
  const isProved = () => clock.now() - provedAt < provedMs;
  const prove = async (signal?: AbortSignal) => {
    const failure = await account.warm(({ models }, asked) =>
      models.retrieve(model, { ...asked, ...(signal && { signal, timeout: longestProofMs }) }),
    );
    if (!failure) provedAt = clock.now();
    return failure;
  };

  async function transcribe(sound: Int16Array, heard: Heard, signal: AbortSignal): Promise<string> {
    const asked = dictationOf({ ...options, ...heard }, sound);
    const answer: unknown = await account.client.audio.transcriptions.create(asked, { signal });
    provedAt = clock.now();
    return textOf(answer);
  }

  return {
    name: `${name}/${model}`,
    decidesTurns: false,
    tellsEarly: false,
    open({ signal, languages, terms }, receiver) {
      const report = shielded(receiver, options.threw);
      return openSession({
        signal,
        report,
        prove: (until) => (isProved() ? Promise.resolve(undefined) : prove(until)),
        transcribe: (sound, until) => transcribe(sound, { languages, terms }, until),
        failed: (error) => failureFrom(name, 'rest', error, account.scrub),
        tooSlow: failureOf('stall', { vendor: name, phase: 'rest', message: `${mostAsked} utterances have no answer` }),
      });
    },
    warm: () => prove(),
    drop() {
      provedAt = Number.NEGATIVE_INFINITY;
      account.drop();
    },
    close: account.close,
  };
}

const longestProofMs = 60_000;

interface SessionOptions {
  readonly signal: AbortSignal;
  readonly report: (fact: TranscriberFact) => void;
  prove(signal: AbortSignal): Promise<Failure | undefined>;
  transcribe(sound: Int16Array, signal: AbortSignal): Promise<string>;
  failed(error: unknown): Failure;
  readonly tooSlow: Failure;
}

/** One caller's sound. What is said before the account is proved is asked for then. */
function openSession({ signal, report, prove, transcribe, failed, tooSlow }: SessionOptions): TranscriberSession {
  const stop = new AbortController();
  const utterances = createUtterances((sound) => void hear(sound));
  const proof = signal.aborted ? undefined : prove(stop.signal);
  let number = 0;
  let asked = 0;
  /** Texts are told in the order of their utterances, whichever comes first. */
  let told: Promise<void> = Promise.resolve();

  async function begin(): Promise<void> {
    const failure = await proof;
    if (failure) fail(failure);
    else if (!stop.signal.aborted) report({ type: 'stt.opened' });
  }

  async function hear(sound: Int16Array): Promise<void> {
    if (asked >= mostAsked) return fail(tooSlow);
    asked += 1;
    const untilMs = utterances.writtenMs();
    const text = opened.then(() => (stop.signal.aborted ? '' : transcribe(sound, stop.signal)));
    const before = told;
    told = Promise.allSettled([text, before]).then(() =>
      text.then(
        (words) => tell(words, untilMs),
        (error: unknown) => fail(failed(error)),
      ),
    );
    await told;
    asked -= 1;
  }

  function tell(text: string, untilMs: number): void {
    if (stop.signal.aborted) return;
    const behindMs = utterances.writtenMs() - untilMs;
    if (!text) return report({ type: 'stt.nothing', behindMs });
    const utterance = number++;
    report({ type: 'stt.words', utterance, text, final: true, behindMs });
    if (!stop.signal.aborted) report({ type: 'stt.turn_maybe_ended', utterance, text });
  }

  function fail(failure: Failure): void {
    if (end()) report({ type: 'stt.failed', failure });
  }

  function end(): boolean {
    if (stop.signal.aborted) return false;
    stop.abort();
    return true;
  }

  if (signal.aborted) end();
  else signal.addEventListener('abort', end, { once: true, signal: stop.signal });
  const opened = begin();

  return {
    write(frame) {
      if (frame.length > 0 && !stop.signal.aborted) utterances.write(frame);
    },
    expect: () => {},
    finalize() {
      if (!stop.signal.aborted) utterances.end();
    },
  };
}
