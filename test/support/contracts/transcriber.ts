import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Transcriber, TranscriberFact, TranscriberSession } from '../../../src/actors/transcriber.ts';
import { recordFacts } from '../record-facts.ts';

/** A transcriber with the means to make its vendor hear, break and refuse. */
export interface TranscriberUnderTest {
  readonly transcriber: Transcriber;
  /** The caller says these words into the session, then is quiet for two seconds. */
  say(session: TranscriberSession, text: string): void;
  /** Breaks the open stream; where there is none, the next request, which this session is made to need. */
  break(session: TranscriberSession): void;
  /** The next `open` is refused for its key. */
  refuse(): void;
  /** The next `open` is never answered. Gives a wait for the vendor to have seen it. */
  hang(): () => Promise<unknown>;
  /** Resolves when the vendor sees no open stream any more. */
  gone(): Promise<void>;
  /** What receivers threw, as the transcriber was told to tell it. */
  readonly thrown: readonly unknown[];
  close(): Promise<void>;
}

const isEnd = (fact: TranscriberFact) => fact.type === 'stt.turn_ended' || fact.type === 'stt.turn_maybe_ended';
const hasFailed = (fact: TranscriberFact) => fact.type === 'stt.failed';
const wordsIn = (facts: readonly TranscriberFact[]) => facts.filter((fact) => fact.type === 'stt.words');

/** What every `Transcriber` keeps to. */
export function transcriberContract(name: string, start: () => Promise<TranscriberUnderTest>): void {
  describe(`${name} as Transcriber`, () => {
    let under: TranscriberUnderTest;
    let stop: AbortController;
    beforeEach(async () => {
      under = await start();
      stop = new AbortController();
    });
    afterEach(async () => {
      stop.abort();
      await under.close();
    });

    const listen = (languages = ['en']) => {
      const heard = recordFacts<TranscriberFact>();
      const session = under.transcriber.open({ signal: stop.signal, languages, terms: [] }, heard.report);
      return { ...heard, session };
    };

    test('D4.1 opens once, before anything else', async () => {
      const { facts, until, session } = listen();
      await until((fact) => fact.type === 'stt.opened');
      under.say(session, 'good morning');
      await until(isEnd);
      expect(facts[0]).toEqual({ type: 'stt.opened' });
      expect(facts.filter((fact) => fact.type === 'stt.opened')).toHaveLength(1);
    });

    test('D4.1 hears what was said before the stream was open', async () => {
      const { until, session } = listen();
      under.say(session, 'good morning');
      expect(await until(isEnd)).toMatchObject({ text: 'good morning' });
    });

    test('gives the words of one stretch one number, the whole text so far, and settles them', async () => {
      const { facts, until, session } = listen();
      under.say(session, 'two rooms for friday');
      const end = await until(isEnd);
      const words = wordsIn(facts);
      expect(words.every(({ utterance, text }) => utterance === 0 && text !== '')).toBe(true);
      expect(words.every(({ text }) => 'two rooms for friday'.startsWith(text))).toBe(true);
      expect(words.at(-1)).toMatchObject({ text: 'two rooms for friday', final: true });
      expect(end).toMatchObject({ utterance: 0, text: 'two rooms for friday' });
    });

    test('never tells the same words twice', async () => {
      const { facts, until, session } = listen();
      under.say(session, 'two rooms for friday');
      await until(isEnd);
      const told = wordsIn(facts).map(({ utterance, text, final }) => `${utterance} ${text} ${final}`);
      expect(new Set(told).size).toBe(told.length);
    });

    test('numbers the next stretch anew', async () => {
      const { facts, until, session } = listen();
      under.say(session, 'hello');
      await until((fact) => isEnd(fact) && 'utterance' in fact && fact.utterance === 0);
      under.say(session, 'goodbye');
      await until((fact) => isEnd(fact) && 'utterance' in fact && fact.utterance === 1);
      const finals = wordsIn(facts).filter(({ final }) => final);
      expect(finals.map(({ utterance, text }) => [utterance, text])).toEqual([
        [0, 'hello'],
        [1, 'goodbye'],
      ]);
    });

    test('says that a turn has ended only when it decides turns, and then once', async () => {
      const { facts, until, session } = listen();
      under.say(session, 'hello there');
      await until(isEnd);
      under.say(session, 'goodbye then');
      await until((fact) => isEnd(fact) && 'utterance' in fact && fact.utterance === 1);
      const settled = under.transcriber.decidesTurns ? 'stt.turn_ended' : 'stt.turn_maybe_ended';
      if (under.transcriber.decidesTurns) await until((fact) => fact.type === 'stt.turn_ended' && fact.utterance === 1);
      const ends = facts.filter((fact) => fact.type === settled);
      expect(ends.map((fact) => 'utterance' in fact && fact.utterance)).toEqual([0, 1]);
      if (!under.transcriber.decidesTurns) expect(facts.some((fact) => fact.type === 'stt.turn_ended')).toBe(false);
    });

    test('reports nothing after its signal aborted, and lets the vendor go', async () => {
      const { facts, until, session } = listen();
      await until((fact) => fact.type === 'stt.opened');
      under.say(session, 'hello there');
      stop.abort();
      const told = facts.length;
      under.say(session, 'goodbye');
      session.expect({ kind: 'digits' });
      session.finalize();
      await under.gone();
      expect(facts).toHaveLength(told);
    });

    test('stays mute and opens nothing when the signal was aborted before', async () => {
      stop.abort();
      const { facts, session } = listen();
      under.say(session, 'hello');
      session.expect({ kind: 'yesNo' });
      session.finalize();
      await under.gone();
      expect(facts).toEqual([]);
    });

    test('reports a broken stream once, as its last fact, as plain data', async () => {
      const { facts, until, session } = listen();
      await until((fact) => fact.type === 'stt.opened');
      under.break(session);
      const fact = await until(hasFailed);
      under.say(session, 'hello');
      session.expect({ kind: 'spelling', terms: ['Lindau'] });
      session.finalize();
      await under.gone();
      expect(facts.filter(hasFailed)).toHaveLength(1);
      expect(facts.at(-1)).toBe(fact);
      expect(structuredClone(fact)).toEqual(JSON.parse(JSON.stringify(fact)));
      expect(fact).toMatchObject({
        failure: { vendor: expect.any(String), retryable: true, message: expect.any(String) },
      });
    });

    test('a receiver that throws loses what it is told, and not the stream', async () => {
      const heard = recordFacts<TranscriberFact>();
      const session = under.transcriber.open({ signal: stop.signal, languages: ['en'], terms: [] }, (fact) => {
        heard.report(fact);
        throw new Error('a receiver with a fault');
      });
      await heard.until((fact) => fact.type === 'stt.opened');
      under.say(session, 'two rooms for friday and a table for the evening');
      await heard.until(isEnd);
      under.break(session);
      await heard.until(hasFailed);
      await under.gone();
      expect(heard.facts.filter(hasFailed)).toEqual([heard.facts.at(-1)]);
      expect(under.thrown).toHaveLength(heard.facts.length);
      expect(wordsIn(heard.facts).at(-1)).toMatchObject({ text: 'two rooms for friday and a table for the evening' });
    });

    test('reports a refusal without ever having opened', async () => {
      under.refuse();
      const { facts, until } = listen();
      expect(await until(hasFailed)).toMatchObject({ failure: { class: 'auth', retryable: false } });
      expect(facts).toHaveLength(1);
    });

    test('waits without end for a vendor that does not answer, and leaves when told', async () => {
      const attempted = under.hang();
      const { facts, session } = listen();
      under.say(session, 'hello');
      session.finalize();
      await attempted();
      stop.abort();
      await under.gone();
      expect(facts).toEqual([]);
    });

    test('an empty frame is nothing', async () => {
      const { until, session } = listen();
      session.write(new Int16Array(0));
      await until((fact) => fact.type === 'stt.opened');
      session.write(new Int16Array(0));
      under.say(session, 'still here');
      expect(await until(isEnd)).toMatchObject({ text: 'still here' });
    });

    test('takes expectations at any time', async () => {
      const { until, session } = listen();
      session.expect({ kind: 'yesNo' });
      await until((fact) => fact.type === 'stt.opened');
      session.expect({ kind: 'open', terms: ['Lindau'] });
      under.say(session, 'yes please');
      expect(await until(isEnd)).toMatchObject({ text: 'yes please' });
    });

    test('keeps no listener on the signal of a session that failed', async () => {
      for (let i = 0; i < 5; i += 1) {
        under.refuse();
        await listen().until(hasFailed);
      }
      expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
    });
  });
}
