import { afterEach, describe, expect, it } from 'vitest';
import { createToneDecoder } from '../../../emulators/tones/codec.ts';
import type { TimedWord, Utterance, Voice, VoiceFact } from '../../../src/actors/voice.ts';
import { msOf } from '../../../src/audio/pcm.ts';

export type VoiceProblem = 'refused' | 'cut' | 'stalled';

export interface VoiceBed {
  /** Speaks words as tones (`emulators/tones`). */
  readonly voice: Voice;
  /** The next utterance goes wrong: at once, or (`cut`, `stalled`) after some audio of a long text. */
  trouble(problem: VoiceProblem): void;
  /** Lets at least this much time pass for the voice. */
  pass(ms: number): Promise<void>;
  /** What receivers threw, as the voice was told to tell it. */
  readonly thrown: readonly unknown[];
  close(): Promise<void>;
}

export interface Listened {
  readonly utterance: Utterance;
  readonly facts: VoiceFact[];
  words(): TimedWord[];
  pcm(): Int16Array;
  /** The words that a listener would read out of the sound. */
  heard(): string[];
  over(): boolean;
}

let count = 0;

/** Opens one utterance and keeps what is reported. */
export function listenTo(voice: Voice, signal = new AbortController().signal, id = `turn-${++count}`): Listened {
  const facts: VoiceFact[] = [];
  const utterance = voice.utter({ signal, id, language: 'en' }, (fact) => void facts.push(fact));
  const pcm = () => pcmIn(facts);
  return {
    utterance,
    facts,
    pcm,
    words: () => facts.flatMap((fact) => (fact.type === 'voice.words' ? fact.words : [])),
    heard: () => heardIn(pcm()),
    over: () => /done|failed/.test(facts.at(-1)?.type ?? ''),
  };
}

const pcmIn = (facts: readonly VoiceFact[]): Int16Array =>
  Int16Array.from(facts.flatMap((fact) => (fact.type === 'voice.audio' ? [...fact.pcm] : [])));

/** A receiver that keeps what it is told and throws each time. */
const faulty = (facts: VoiceFact[]) => (fact: VoiceFact) => {
  facts.push(fact);
  throw new Error('a receiver with a fault');
};

function heardIn(pcm: Int16Array): string[] {
  const decoder = createToneDecoder({ sampleRateHz: 16_000 });
  return [...decoder.push(pcm), ...decoder.flush()].map((event) => (event.type === 'word' ? event.text : '?'));
}

/** What is heard between the times of a word, and a little around it. */
const heardAt = (pcm: Int16Array, word: TimedWord): string[] =>
  heardIn(pcm.subarray(Math.max(0, word.startMs - 5) * 16, (word.endMs + 25) * 16));

const longText = 'one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen. ';

/** What every `Voice` must keep. Where the vendor tells no times of words they are `estimated`: in order, and within their text's sound. */
export function voiceContract(name: string, open: () => Promise<VoiceBed>, times: 'told' | 'estimated' = 'told'): void {
  describe(`${name} keeps the contract of a voice`, () => {
    const beds: VoiceBed[] = [];
    afterEach(async () => {
      await Promise.all(beds.splice(0).map((bed) => bed.close()));
    });

    async function start(): Promise<VoiceBed> {
      const bed = await open();
      beds.push(bed);
      return bed;
    }

    async function until(bed: VoiceBed, condition: () => boolean): Promise<void> {
      for (let i = 0; i < 500 && !condition(); i += 1) await bed.pass(20);
      expect(condition()).toBe(true);
    }

    it('speaks texts given one by one as one stream of 16 kHz audio, and is done after the last', async () => {
      const bed = await start();
      const listened = listenTo(bed.voice);
      listened.utterance.say('Good evening, ');
      listened.utterance.say('Hotel Lindau. ');
      listened.utterance.end();
      await until(bed, listened.over);
      expect(listened.facts.at(-1)).toEqual({ type: 'voice.done' });
      expect(listened.heard()).toEqual(['Good', 'evening,', 'Hotel', 'Lindau.']);
      expect(listened.facts.filter((fact) => fact.type === 'voice.done')).toHaveLength(1);
    });

    it('places every word once, in order, where its sound is', async () => {
      const bed = await start();
      const listened = listenTo(bed.voice);
      listened.utterance.say('Das Zimmer kostet ');
      listened.utterance.say('siebenundachtzig Euro. ');
      listened.utterance.end();
      await until(bed, listened.over);
      const words = listened.words();
      expect(words.map((word) => word.text)).toEqual(['Das', 'Zimmer', 'kostet', 'siebenundachtzig', 'Euro.']);
      expect(words[0]!.startMs).toBe(0);
      for (const [i, word] of words.entries()) {
        expect(word.endMs).toBeGreaterThan(word.startMs);
        expect(word.startMs).toBeGreaterThanOrEqual(words[i - 1]?.endMs ?? 0);
        if (times === 'told') expect(heardAt(listened.pcm(), word)).toEqual([word.text]);
      }
      expect(words.at(-1)!.endMs).toBeLessThanOrEqual(msOf(listened.pcm().length));
    });

    it('goes on in the same utterance when the next clause comes late', async () => {
      const bed = await start();
      const listened = listenTo(bed.voice);
      listened.utterance.say('Let me look. ');
      await until(bed, () => listened.words().length === 3);
      await bed.pass(1600);
      listened.utterance.say('It is free. ');
      listened.utterance.end();
      await until(bed, listened.over);
      expect(listened.facts.at(-1)).toEqual({ type: 'voice.done' });
      expect(listened.heard()).toEqual(['Let', 'me', 'look.', 'It', 'is', 'free.']);
      const words = listened.words();
      expect(words.map((word) => word.text)).toEqual(['Let', 'me', 'look.', 'It', 'is', 'free.']);
      if (times === 'told') expect(heardAt(listened.pcm(), words[3]!)).toEqual(['It']);
    });

    it('is done without a sound when nothing was said, and when only the end was late', async () => {
      const bed = await start();
      const [empty, late] = [listenTo(bed.voice), listenTo(bed.voice)];
      empty.utterance.end();
      late.utterance.say('Yes. ');
      await until(bed, () => late.words().length === 1);
      await bed.pass(1600);
      late.utterance.end();
      await until(bed, () => empty.over() && late.over());
      expect(empty.facts).toEqual([{ type: 'voice.done' }]);
      expect(late.facts.at(-1)).toEqual({ type: 'voice.done' });
    });

    it('does not mix utterances that speak at the same time', async () => {
      const bed = await start();
      const texts = ['eins zwei drei. ', 'раз два три. ', 'un deux trois. '];
      const all = texts.map((text) => {
        const listened = listenTo(bed.voice);
        listened.utterance.say(text);
        listened.utterance.end();
        return listened;
      });
      await until(bed, () => all.every((listened) => listened.over()));
      expect(all.map((listened) => `${listened.heard().join(' ')} `)).toEqual(texts);
    });

    it('says nothing more after an abort in mid-stream, and spares the others', async () => {
      const bed = await start();
      const stop = new AbortController();
      const [cut, other] = [listenTo(bed.voice, stop.signal), listenTo(bed.voice)];
      cut.utterance.say(longText);
      other.utterance.say('Still here. ');
      other.utterance.end();
      await until(bed, () => cut.facts.length > 2);
      stop.abort();
      const heard = cut.facts.length;
      cut.utterance.say('never ');
      cut.utterance.end();
      await until(bed, other.over);
      await bed.pass(300);
      expect(cut.facts).toHaveLength(heard);
      expect(other.heard()).toEqual(['Still', 'here.']);
    });

    it('says nothing after an abort before the first audio, nor when aborted from the start', async () => {
      const bed = await start();
      const stop = new AbortController();
      const early = listenTo(bed.voice, stop.signal);
      early.utterance.say('never ');
      stop.abort();
      const late = listenTo(bed.voice, stop.signal);
      late.utterance.say('never ');
      late.utterance.end();
      await bed.pass(400);
      expect([early.facts, late.facts]).toEqual([[], []]);
    });

    it('says nothing after an abort from within a report', async () => {
      const bed = await start();
      const stop = new AbortController();
      const facts: VoiceFact[] = [];
      const utterance = bed.voice.utter({ signal: stop.signal, id: 'inside', language: 'en' }, (fact) => {
        facts.push(fact);
        stop.abort();
      });
      utterance.say(longText);
      await until(bed, () => facts.length > 0);
      await bed.pass(300);
      expect(facts).toHaveLength(1);
    });

    it('a receiver that throws loses what it is told, and ends neither its own utterance nor another', async () => {
      const bed = await start();
      const other = listenTo(bed.voice);
      other.utterance.say(longText);
      other.utterance.end();
      const facts: VoiceFact[] = [];
      const utterance = bed.voice.utter(
        { signal: new AbortController().signal, id: `turn-${++count}`, language: 'en' },
        faulty(facts),
      );
      utterance.say('One two. ');
      utterance.end();
      await until(bed, () => other.over() && /done|failed/.test(facts.at(-1)?.type ?? ''));
      expect(facts.at(-1)).toEqual({ type: 'voice.done' });
      expect(heardIn(pcmIn(facts))).toEqual(['One', 'two.']);
      expect(bed.thrown).toHaveLength(facts.length);
      expect(other.facts.at(-1)).toEqual({ type: 'voice.done' });
      expect(other.heard()).toEqual(longText.trim().split(' '));
    });

    it('a receiver that throws when it is told of a failure is told once, and no more comes of it', async () => {
      const bed = await start();
      bed.trouble('refused');
      const facts: VoiceFact[] = [];
      const { signal } = new AbortController();
      const utterance = bed.voice.utter({ signal, id: `turn-${++count}`, language: 'en' }, faulty(facts));
      utterance.say('Never. ');
      await until(bed, () => facts.length > 0);
      await bed.pass(100);
      expect(facts).toMatchObject([{ type: 'voice.failed' }]);
      expect(bed.thrown).toHaveLength(1);
    });

    it('takes nothing after the end', async () => {
      const bed = await start();
      const listened = listenTo(bed.voice);
      listened.utterance.say('Bye. ');
      listened.utterance.end();
      listened.utterance.say('Not this. ');
      listened.utterance.end();
      await until(bed, listened.over);
      expect(listened.heard()).toEqual(['Bye.']);
    });

    it('reports a refusal once, and nothing else', async () => {
      const bed = await start();
      bed.trouble('refused');
      const listened = listenTo(bed.voice);
      listened.utterance.say('Hello. ');
      listened.utterance.end();
      await until(bed, listened.over);
      await bed.pass(100);
      expect(listened.facts).toMatchObject([{ type: 'voice.failed', failure: { vendor: bed.voice.name } }]);
    });

    it('reports a stream that broke off once, after the audio that came', async () => {
      const bed = await start();
      bed.trouble('cut');
      const listened = listenTo(bed.voice);
      listened.utterance.say(longText);
      listened.utterance.end();
      await until(bed, listened.over);
      await bed.pass(100);
      expect(listened.facts.filter((fact) => fact.type === 'voice.failed')).toHaveLength(1);
      expect(listened.facts.at(-1)).toMatchObject({ type: 'voice.failed', failure: { class: 'network' } });
      expect(listened.pcm().length).toBeGreaterThan(0);
    });

    it('waits for ever where the vendor falls silent: deciding that is not its work', async () => {
      const bed = await start();
      bed.trouble('stalled');
      const stop = new AbortController();
      const listened = listenTo(bed.voice, stop.signal);
      listened.utterance.say(longText);
      listened.utterance.end();
      await until(bed, () => listened.pcm().length > 0);
      await bed.pass(300);
      const heard = listened.facts.length;
      await bed.pass(300);
      expect(listened.facts).toHaveLength(heard);
      expect(listened.over()).toBe(false);
      stop.abort();
    });
  });
}
