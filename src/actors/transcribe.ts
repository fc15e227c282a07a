import type { Clock } from '../clock.ts';
import type { Ear } from './ear.ts';
import { leaf, type Stamped } from './leaf.ts';
import type { Expectation, Transcriber, TranscriberFact } from './transcriber.ts';

type Fact = TranscriberFact | { readonly type: 'stt.requested'; readonly vendor: string };

export type SttFact = Stamped<Fact>;

export interface TranscribeCommand {
  readonly type: 'stt.expect';
  readonly expectation: Expectation;
}

export interface TranscribeInput {
  /** Which of the agent's transcribers, by its place in the list. */
  readonly ear: number;
  /** Counts the sessions of a call, so that utterances of different ones never share a number. */
  readonly session: number;
  /** What the caller is likely to say first. */
  readonly expected: Expectation['kind'];
  /** When the last settled words were heard; what came after is replayed into a new session (at most 5 s). */
  readonly settledAt: number;
  readonly languages: readonly string[];
  readonly terms: readonly string[];
}

const utterancesPerSession = 10_000;
const longestReplayMs = 5000;

/** Streams the caller's sound to a transcriber for as long as the actor lives. */
export const transcribe = (transcribers: readonly Transcriber[], ear: Ear, clock: Clock) =>
  leaf<Fact, TranscribeCommand, TranscribeInput>(clock, ({ input, signal, report, receive }) => {
    const { languages, terms, expected } = input;
    const transcriber = transcribers[input.ear] ?? transcribers[0]!;
    report({ type: 'stt.requested', vendor: transcriber.name.split('/')[0]! });
    const session = transcriber.open({ signal, languages, terms }, (fact) => report(numbered(fact, input.session)));
    if (expected !== 'open') session.expect({ kind: expected });
    receive(({ expectation }) => session.expect(expectation));
    const replayMs = Math.max(0, Math.min(longestReplayMs, clock.now() - input.settledAt));
    return ear.listen((frame) => session.write(frame), { replayMs });
  });

const numbered = (fact: TranscriberFact, session: number): TranscriberFact =>
  'utterance' in fact ? { ...fact, utterance: session * utterancesPerSession + fact.utterance } : fact;
