import type { Expectation, Transcriber, TranscriberFact, TranscriberSession } from '../../../src/actors/transcriber.ts';
import { samplesOf } from '../../../src/audio/pcm.ts';
import { shielded, type Threw } from '../../../src/adapters/shielded.ts';
import type { Clock } from '../../../src/clock.ts';
import type { Failure } from '../../../src/failure.ts';

const maxEarlySamples = samplesOf(5000);

/** One session as the vendor's side sees it. */
export interface FakeTranscriberSession {
  readonly languages: readonly string[];
  readonly terms: readonly string[];
  /** Frames that reached the vendor: those from before the opening come with it. */
  readonly frames: readonly Int16Array[];
  readonly expectations: readonly Expectation[];
  readonly finalizes: number;
  /** Aborted or failed. */
  readonly ended: boolean;
  /** The vendor hears a whole utterance: an interim, the final and the end of the turn. Before the opening it waits for that. */
  hears(text: string): void;
  /** Any fact, as it is. */
  report(fact: TranscriberFact): void;
  fail(failure: Failure): void;
}

export interface FakeTranscriber extends Transcriber {
  readonly sessions: readonly FakeTranscriberSession[];
  /** The newest one. Throws when there is none. */
  readonly latest: FakeTranscriberSession;
  /** What the next `open` meets: nobody who answers, or a refusal. */
  next(behaviour: 'hangs' | Failure): void;
}

/** A transcriber on the given clock that hears what it is told to hear. */
export function createFakeTranscriber(options: {
  readonly clock: Clock;
  readonly decidesTurns?: boolean;
  /** From `open` to `stt.opened`. Default 20 ms. */
  readonly opensAfterMs?: number;
  /** As with the adapters; without it a throw comes out of the clock, for the test to see. */
  readonly threw?: Threw;
}): FakeTranscriber {
  const { clock, decidesTurns = false, opensAfterMs = 20 } = options;
  const sessions: FakeTranscriberSession[] = [];
  let behaviour: 'opens' | 'hangs' | Failure = 'opens';

  const open: Transcriber['open'] = (asked, receiver) => {
    const report = options.threw ? shielded(receiver, options.threw) : receiver;
    const { session, vendor, begin } = createSession({ ...asked, decidesTurns }, report);
    const meets = behaviour;
    behaviour = 'opens';
    sessions.push(vendor);
    if (meets !== 'hangs')
      clock.setTimeout(
        () => (meets === 'opens' ? begin() : vendor.fail(meets)),
        asked.signal.aborted ? 0 : opensAfterMs,
      );
    return session;
  };

  return {
    name: 'fake',
    decidesTurns,
    tellsEarly: true,
    open,
    sessions,
    get latest() {
      const latest = sessions.at(-1);
      if (!latest) throw new Error('no session was opened');
      return latest;
    },
    next: (next) => void (behaviour = next),
  };
}

function createSession(
  asked: Parameters<Transcriber['open']>[0] & { readonly decidesTurns: boolean },
  tell: (fact: TranscriberFact) => void,
) {
  const { signal, languages, terms, decidesTurns } = asked;
  const frames: Int16Array[] = [];
  const expectations: Expectation[] = [];
  let early: Int16Array[] = [];
  let waiting: string[] = [];
  let state: 'opening' | 'open' | 'ended' = 'opening';
  let utterance = 0;
  let finalizes = 0;

  const ended = () => state === 'ended' || signal.aborted;
  const report = (fact: TranscriberFact) => {
    if (!ended()) tell(fact);
  };

  function begin(): void {
    if (ended()) return;
    state = 'open';
    frames.push(...early);
    early = [];
    report({ type: 'stt.opened' });
    for (const text of waiting) hears(text);
    waiting = [];
  }

  function hears(text: string): void {
    if (state === 'opening') return void waiting.push(text);
    const number = utterance++;
    report({ type: 'stt.words', utterance: number, text: text.split(' ')[0]!, final: false });
    report({ type: 'stt.words', utterance: number, text, final: true });
    report({ type: decidesTurns ? 'stt.turn_ended' : 'stt.turn_maybe_ended', utterance: number, text });
  }

  function fail(failure: Failure): void {
    report({ type: 'stt.failed', failure });
    state = 'ended';
  }

  function write(frame: Int16Array): void {
    if (ended() || frame.length === 0) return;
    if (state === 'open') return void frames.push(frame);
    early.push(frame);
    while (early.reduce((sum, { length }) => sum + length, 0) > maxEarlySamples) early.shift();
  }

  const session: TranscriberSession = {
    write,
    expect: (expectation) => void (ended() || expectations.push(expectation)),
    finalize: () => void (ended() || (finalizes += 1)),
  };
  const vendor: FakeTranscriberSession = {
    languages,
    terms,
    frames,
    expectations,
    get finalizes() {
      return finalizes;
    },
    get ended() {
      return ended();
    },
    hears,
    report,
    fail,
  };
  return { session, vendor, begin };
}
