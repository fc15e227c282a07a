import { describe, expect, it } from 'vitest';
import type { TimedWord, VoiceFact } from '../../../src/actors/voice.ts';
import { createUtterance, type Sound } from '../../../src/adapters/openai/utterance.ts';
import { msOf, samplesOf } from '../../../src/audio/pcm.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const text = 'one two three four five six seven eight nine ten. ';

/** A text whose sound comes in these pieces, each so long and after such a wait. */
function speak(pieces: readonly { readonly ms: number; readonly afterMs: number }[], said = text) {
  const clock = createVirtualClock();
  const stop = new AbortController();
  const facts: VoiceFact[] = [];
  async function* sound(): Sound {
    for (const { ms, afterMs } of pieces) {
      // oxlint-disable-next-line no-await-in-loop
      await new Promise<void>((done) => void clock.setTimeout(done, afterMs));
      yield new Int16Array(samplesOf(ms));
    }
  }
  const utterance = createUtterance({ sound, clock, signal: stop.signal, report: (fact) => facts.push(fact) });
  utterance.say(said);
  utterance.end();
  const words = (): TimedWord[] => facts.flatMap((fact) => (fact.type === 'voice.words' ? fact.words : []));
  const soundMs = () => msOf(facts.reduce((sum, fact) => sum + (fact.type === 'voice.audio' ? fact.pcm.length : 0), 0));
  return { clock, stop, facts, words, soundMs };
}

describe('R10.4 a text of OpenAI’s voice whose sound stops coming', () => {
  it('has its words placed as far as the sound surely goes, so that another voice does not say them again', async () => {
    const { clock, words, soundMs } = speak([
      { ms: 2000, afterMs: 50 },
      { ms: 2000, afterMs: 60_000 },
    ]);
    await clock.advance(500);
    expect(words()).toEqual([]);
    await clock.advance(100);
    expect(words().map((word) => word.text)).toEqual(['one', 'two', 'three', 'four']);
    expect(words().at(-1)!.endMs).toBeLessThanOrEqual(soundMs());
  });

  it('has the others placed once, behind them, when it comes after all', async () => {
    const { clock, facts, words, soundMs } = speak([
      { ms: 2000, afterMs: 50 },
      { ms: 2000, afterMs: 1500 },
    ]);
    await clock.advance(2000);
    expect(words().map((word) => word.text)).toEqual(text.trim().split(' '));
    for (const [index, word] of words().entries())
      expect(word.startMs).toBeGreaterThanOrEqual(words()[index - 1]?.endMs ?? 0);
    expect(words().at(-1)!.endMs).toBeLessThanOrEqual(soundMs());
    expect(facts.at(-1)).toEqual({ type: 'voice.done' });
    expect(clock.pending()).toBe(0);
  });

  it('has a number not taken for said before it was: its digits are spoken as words', async () => {
    const { clock, words } = speak(
      [
        { ms: 2000, afterMs: 50 },
        { ms: 2000, afterMs: 60_000 },
      ],
      'It is 1250 euros.',
    );
    await clock.advance(600);
    expect(words().map((word) => word.text)).toEqual(['It', 'is']);
  });

  it('has its words placed also where sound comes in drops, each before the last one is long enough ago', async () => {
    const drops = Array.from({ length: 40 }, () => ({ ms: 10, afterMs: 400 }));
    const { clock, words, soundMs } = speak([{ ms: 2000, afterMs: 50 }, ...drops]);
    await clock.advance(50 + 400 + 200);
    expect(words().map((word) => word.text)).toEqual(['one', 'two', 'three', 'four']);
    await clock.advance(15_000);
    expect(words().at(-1)!.endMs).toBeLessThanOrEqual(soundMs());
  });

  it('has an end where a vendor sends more sound than its text can have', async () => {
    const forever = Array.from({ length: 1000 }, () => ({ ms: 1000, afterMs: 10 }));
    const { clock, facts, soundMs } = speak(forever, 'Yes.');
    await clock.advance(20_000);
    expect(facts.at(-1)).toMatchObject({
      type: 'voice.failed',
      failure: { sub: 'protocol', message: 'more sound came than the text can have' },
    });
    expect(soundMs()).toBeLessThan(10_000);
  });

  it('says nothing once it is given up, and leaves no timer', async () => {
    const { clock, stop, facts } = speak([
      { ms: 2000, afterMs: 50 },
      { ms: 2000, afterMs: 60_000 },
    ]);
    await clock.advance(100);
    stop.abort();
    const told = facts.length;
    await clock.advance(1000);
    expect(facts).toHaveLength(told);
    // That of the sound which never comes.
    expect(clock.pending()).toBe(1);
  });
});

describe('a text that is longer than one request takes', () => {
  it.each([
    ['words', 'a word '.repeat(1000)],
    ['characters of two places', `x${'😀'.repeat(5000)}`],
    ['characters of one place', 'x'.repeat(10_000)],
  ])('is asked for in parts that are whole: %s', async (_of, said) => {
    const asked: string[] = [];
    const clock = createVirtualClock();
    async function* sound(text: string): Sound {
      asked.push(text);
      yield new Int16Array(samplesOf(20));
    }
    const stop = new AbortController();
    const utterance = createUtterance({ sound, clock, signal: stop.signal, report: () => undefined });
    utterance.say(said);
    utterance.end();
    await clock.advance(10);
    expect(asked.join('')).toBe(said);
    for (const part of asked) {
      expect(part.isWellFormed()).toBe(true);
      expect(part.length).toBeLessThanOrEqual(4096);
      expect(part.length).toBeGreaterThan(100);
    }
  });
});
