import type { Failure } from '../failure.ts';

/** What the agent hopes to hear next; adapters use what their vendor offers and ignore the rest. */
export interface Expectation {
  readonly kind: 'open' | 'yesNo' | 'digits' | 'spelling';
  readonly terms?: readonly string[];
}

interface Heard {
  /** The sound that is told of ended so long ago; left out: just now, as far as one knows. What came later is still to be told. */
  readonly behindMs?: number;
}

/**
 * `utterance` numbers the caller's stretches of speech on one session, from 0; all facts of one carry the same number,
 * so that a late or changed final amends its own turn. `text` is always the whole utterance so far.
 */
export type TranscriberFact =
  | { readonly type: 'stt.opened' }
  /** Interim (`final: false`) or settled (`final: true`) words; never empty. */
  | (Heard & { readonly type: 'stt.words'; readonly utterance: number; readonly text: string; readonly final: boolean })
  /** A stretch of sound was listened to whole, and nobody spoke in it. */
  | (Heard & { readonly type: 'stt.nothing' })
  /** The vendor thinks that the turn has probably ended. */
  | { readonly type: 'stt.turn_maybe_ended'; readonly utterance: number; readonly text: string }
  /** … and was wrong. */
  | { readonly type: 'stt.turn_resumed'; readonly utterance: number }
  /** The vendor has decided. Only from transcribers that decide (`decidesTurns`). */
  | (Heard & { readonly type: 'stt.turn_ended'; readonly utterance: number; readonly text: string })
  /** The stream is gone, asked for or not. Last fact of the session. */
  | { readonly type: 'stt.failed'; readonly failure: Failure };

/** One stream to the vendor. Ends when its signal aborts; afterwards it reports nothing. */
export interface TranscriberSession {
  /** Takes a frame at once; frames from before `stt.opened` are kept (at most 5 s, oldest dropped) and sent then. */
  write(frame: Int16Array): void;
  expect(expectation: Expectation): void;
  /** Asks for the final of what was said so far, where the vendor can. */
  finalize(): void;
}

export interface Transcriber {
  readonly name: string;
  /** True when the vendor itself decides that a turn has ended (Flux); else the machine does, by text and quiet. */
  readonly decidesTurns: boolean;
  /** True when words come while they are spoken; else a whole utterance comes settled, once it is over. */
  readonly tellsEarly: boolean;
  /** Never throws; whatever goes wrong is an `stt.failed`. */
  open(
    options: { readonly signal: AbortSignal; readonly languages: readonly string[]; readonly terms: readonly string[] },
    report: (fact: TranscriberFact) => void,
  ): TranscriberSession;
}
