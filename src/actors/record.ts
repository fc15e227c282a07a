import type { Clock } from '../clock.ts';
import { leaf, type Stamped } from './leaf.ts';
import type { Intentions } from './tool-attempt.ts';

/** How the sound of a call is kept. */
export interface RecordingWish {
  /** Name of a configured storage. Default: the first of them. */
  readonly storage?: string;
  /** The agent on the left channel, everybody else on the right. Default: all in one. */
  readonly dual?: boolean;
}

export type RecorderFact =
  /** Sound is being kept. May be told again. */
  | { readonly type: 'recording.started'; readonly egress: string }
  /** Nothing is kept any more, or never was: then `why` says so in our own words. Last fact. */
  | { readonly type: 'recording.ended'; readonly ok: boolean; readonly why?: string };

export type RecordFact = Stamped<RecorderFact>;
export type RecordCommand = { readonly type: 'recording.stop' };

/** Keeps the sound of one call. */
export interface Recorder {
  /**
   * Begins to record the call, or takes up the recording it has: of one call there is never a second. Tells at once what is known
   * already, and goes on until `signal` aborts; the recording itself goes on then. Never throws.
   */
  follow(wish: RecordingWish, options: { readonly signal: AbortSignal }, report: (fact: RecorderFact) => void): void;
  /** Ends it as soon as it can be ended; one that was not begun is not begun any more. Idempotent. */
  stop(): void;
}

/** Records a call once that is noted. Where it cannot be noted nothing is recorded. */
export const record = (recorder: Recorder, intentions: Intentions, clock: Clock) =>
  leaf<RecorderFact, RecordCommand, RecordingWish>(clock, ({ input, signal, report, receive }) => {
    receive(() => recorder.stop());
    const begin = (isNoted: boolean) => {
      if (signal.aborted) return;
      if (isNoted) recorder.follow(input, { signal }, report);
      else report({ type: 'recording.ended', ok: false, why: 'it could not be noted beforehand' });
    };
    // After this step: a call that is just being restored stores nothing before its host is there.
    void Promise.resolve()
      .then(() => intentions.committed())
      .then(begin, () => begin(false));
  });
