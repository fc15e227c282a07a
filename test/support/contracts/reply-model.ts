import { afterEach, describe, expect, it } from 'vitest';
import type { ModelFact, ModelRequest, ReplyModel } from '../../../src/actors/reply-model.ts';

/** What a model is made to say for this contract; `cut` and `refused` and `stalled` are its ways to fail. */
export interface ScriptedAnswer {
  readonly text?: string;
  readonly tools?: readonly { readonly name: string; readonly input: unknown }[];
  readonly finish?: 'stop' | 'length';
  readonly trouble?: 'refused' | 'cut' | 'stalled';
}

export interface ReplyModelBed {
  readonly model: ReplyModel;
  /** Answers by the text of the last message. */
  answer(script: (lastText: string) => ScriptedAnswer): void;
  /** Lets this much time pass for the model; at least as long. */
  pass(ms: number): Promise<void>;
  /** What receivers threw, as the model was told to tell it. */
  readonly thrown: readonly unknown[];
  close(): Promise<void>;
}

export interface Recorded {
  readonly facts: ModelFact[];
  readonly text: () => string;
  /** Resolves with the last fact: finished or failed. */
  readonly last: Promise<ModelFact>;
}

const ask = (text: string): ModelRequest => ({ messages: [{ role: 'user', text }], tools: [] });

/** Streams one request and keeps what is reported. */
export function record(model: ReplyModel, request: ModelRequest, signal = new AbortController().signal): Recorded {
  const facts: ModelFact[] = [];
  const last = new Promise<ModelFact>((resolve) => {
    model.stream(request, { signal }, (fact) => {
      facts.push(fact);
      if (fact.type === 'model.finished' || fact.type === 'model.failed') resolve(fact);
    });
  });
  const text = () => facts.map((fact) => (fact.type === 'model.text' ? fact.text : '')).join('');
  return { facts, text, last };
}

/** What every `ReplyModel` must keep. */
export function replyModelContract(name: string, open: () => Promise<ReplyModelBed>): void {
  describe(`${name} keeps the contract of a reply model`, () => {
    const beds: ReplyModelBed[] = [];
    afterEach(async () => {
      await Promise.all(beds.splice(0).map((bed) => bed.close()));
    });

    async function start(script: (lastText: string) => ScriptedAnswer): Promise<ReplyModelBed> {
      const bed = await open();
      beds.push(bed);
      bed.answer(script);
      return bed;
    }

    /** Waits for the end while time passes, whatever clock the model goes by. */
    async function ended(bed: ReplyModelBed, recorded: Recorded): Promise<ModelFact> {
      await until(bed, () => /finished|failed/.test(recorded.facts.at(-1)?.type ?? ''));
      return recorded.last;
    }

    async function until(bed: ReplyModelBed, condition: () => boolean): Promise<void> {
      for (let i = 0; i < 400 && !condition(); i += 1) await bed.pass(20);
      expect(condition()).toBe(true);
    }

    it('streams text piece by piece, in order, and ends with a reason', async () => {
      const bed = await start(() => ({ text: 'Good evening, Hotel Lindau.' }));
      const recorded = record(bed.model, ask('hello'));
      expect(await ended(bed, recorded)).toMatchObject({ type: 'model.finished', reason: 'stop' });
      expect(recorded.text()).toBe('Good evening, Hotel Lindau.');
      expect(recorded.facts.length).toBeGreaterThan(3);
      expect(recorded.facts.at(-1)!.type).toBe('model.finished');
    });

    it('reports nothing before `stream` has returned', async () => {
      const bed = await start(() => ({ text: 'Yes.' }));
      let returned = false;
      const late: boolean[] = [];
      const done = new Promise<void>((resolve) => {
        bed.model.stream(ask('hello'), { signal: new AbortController().signal }, (fact) => {
          late.push(returned);
          if (fact.type === 'model.finished') resolve();
        });
      });
      returned = true;
      await until(bed, () => late.length > 1);
      await done;
      expect(new Set(late)).toEqual(new Set([true]));
    });

    it('reports all tool calls at once, whole, right before the end', async () => {
      const tools = [
        { name: 'room_price', input: { nights: 3 } },
        { name: 'weather', input: { day: 'Freitag', city: 'Ульяновск' } },
      ];
      const bed = await start(() => ({ text: 'Let me look.', tools }));
      const recorded = record(bed.model, {
        ...ask('what does it cost'),
        tools: tools.map(({ name }) => ({ name, about: name, input: { type: 'object', properties: {} } })),
      });
      expect(await ended(bed, recorded)).toMatchObject({ type: 'model.finished', reason: 'tools' });
      const [calls, finished] = recorded.facts.slice(-2);
      expect(finished!.type).toBe('model.finished');
      expect(calls).toMatchObject({ type: 'model.tools' });
      const made = calls!.type === 'model.tools' ? calls!.calls : [];
      expect(made.map(({ name, input }) => ({ name, input: JSON.parse(input) }))).toEqual(tools);
      expect(new Set(made.map(({ id }) => id)).size).toBe(2);
      expect(recorded.text()).toBe('Let me look.');
    });

    it('passes on input of a tool that is not JSON, exactly as it was written', async () => {
      const bed = await start(() => ({ tools: [{ name: 'odd', input: '{"nights": thr' }] }));
      const recorded = record(bed.model, ask('odd'));
      await ended(bed, recorded);
      expect(recorded.facts.find(({ type }) => type === 'model.tools')).toMatchObject({
        type: 'model.tools',
        calls: [{ name: 'odd', input: '{"nights": thr' }],
      });
    });

    it('takes a history with tool calls and their results', async () => {
      const bed = await start((last) => ({ text: `The tool said ${last}` }));
      const recorded = record(bed.model, {
        messages: [
          { role: 'system', text: 'Short sentences.' },
          { role: 'user', text: 'price?' },
          { role: 'assistant', text: '', toolCalls: [{ id: 'a', name: 'price', input: '{}' }] },
          { role: 'tool', callId: 'a', text: '{"total":267}' },
        ],
        tools: [],
      });
      await ended(bed, recorded);
      expect(recorded.text()).toBe('The tool said {"total":267}');
    });

    it('tells an answer that was cut by its own limit from a whole one', async () => {
      const bed = await start(() => ({ text: 'We have forty', finish: 'length' }));
      expect(await ended(bed, record(bed.model, ask('long')))).toMatchObject({
        type: 'model.finished',
        reason: 'length',
      });
    });

    it('reports a refusal once, and nothing else', async () => {
      const bed = await start(() => ({ trouble: 'refused' }));
      const recorded = record(bed.model, ask('hello'));
      expect(await ended(bed, recorded)).toMatchObject({ type: 'model.failed', failure: { vendor: bed.model.name } });
      await bed.pass(50);
      expect(recorded.facts).toHaveLength(1);
    });

    it('reports an answer that broke off as failed, not as finished', async () => {
      const bed = await start(() => ({ text: 'One two three four.', trouble: 'cut' }));
      const recorded = record(bed.model, ask('count'));
      expect(await ended(bed, recorded)).toMatchObject({ type: 'model.failed', failure: { class: 'network' } });
      expect(recorded.text()).toBe('One two');
    });

    it('waits for ever where the vendor falls silent: deciding that is not its work', async () => {
      const bed = await start(() => ({ text: 'One two three four.', trouble: 'stalled' }));
      const stop = new AbortController();
      const recorded = record(bed.model, ask('count'), stop.signal);
      await until(bed, () => recorded.text() === 'One two');
      await bed.pass(200);
      expect(recorded.facts).toHaveLength(2);
      stop.abort();
    });

    it('reports nothing after an abort in mid-stream', async () => {
      const bed = await start(() => ({ text: 'word '.repeat(200) }));
      const stop = new AbortController();
      const recorded = record(bed.model, ask('long'), stop.signal);
      await until(bed, () => recorded.facts.length >= 3);
      stop.abort();
      const heard = recorded.facts.length;
      await bed.pass(200);
      expect(recorded.facts).toHaveLength(heard);
    });

    it('reports nothing after an abort from within a report', async () => {
      const bed = await start(() => ({ text: 'One two three.' }));
      const stop = new AbortController();
      const facts: ModelFact[] = [];
      bed.model.stream(ask('count'), { signal: stop.signal }, (fact) => {
        facts.push(fact);
        stop.abort();
      });
      await until(bed, () => facts.length > 0);
      await bed.pass(200);
      expect(facts).toHaveLength(1);
    });

    it('reports nothing after an abort before the first token, nor when aborted from the start', async () => {
      const bed = await start(() => ({ text: 'Never heard.' }));
      const stop = new AbortController();
      const early = record(bed.model, ask('one'), stop.signal);
      stop.abort();
      const late = record(bed.model, ask('two'), stop.signal);
      await bed.pass(400);
      expect([early.facts, late.facts]).toEqual([[], []]);
    });

    it.each([
      ['a whole answer', {}, 'model.finished'],
      ['a refusal', { trouble: 'refused' }, 'model.failed'],
      ['an answer that broke off', { trouble: 'cut' }, 'model.failed'],
    ] as const)('a receiver that throws is told %s to its end, once, and no other is hurt', async (_, trouble, end) => {
      const text = 'One two three four.';
      const bed = await start((last) => (last === 'other' ? { text } : { text, ...trouble }));
      const facts: ModelFact[] = [];
      bed.model.stream(ask('count'), { signal: new AbortController().signal }, (fact) => {
        facts.push(fact);
        throw new Error('a receiver with a fault');
      });
      await until(bed, () => facts.length > 0);
      const other = record(bed.model, ask('other'));
      await until(bed, () => /finished|failed/.test(facts.at(-1)!.type));
      expect(await ended(bed, other)).toMatchObject({ type: 'model.finished' });
      await bed.pass(50);
      expect(facts.filter(({ type }) => type !== 'model.text').map(({ type }) => type)).toEqual([end]);
      const told = facts.map((fact) => (fact.type === 'model.text' ? fact.text : '')).join('');
      expect(text.startsWith(told)).toBe(true);
      expect(bed.thrown).toHaveLength(facts.length);
      if (end === 'model.finished') expect(told).toBe(text);
    });

    it('does not mix the answers of two streams', async () => {
      const bed = await start((last) => ({ text: `${last} `.repeat(8).trim() }));
      const [one, two] = [record(bed.model, ask('eins')), record(bed.model, ask('zwei'))];
      await Promise.all([ended(bed, one), ended(bed, two)]);
      expect([one.text(), two.text()]).toEqual(['eins '.repeat(8).trim(), 'zwei '.repeat(8).trim()]);
    });
  });
}
