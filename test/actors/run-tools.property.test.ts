import * as fc from '../support/properties.ts';
import { expect, test } from 'vitest';
import { runTools, type RequestedTool, type ToolFact, type ToolsInput } from '../../src/actors/run-tools.ts';
import { resultText, type ToolEffect } from '../../src/agent.ts';
import { errorOf, numberTool, startBatch, toolsOf } from '../support/tool-bench.ts';
import { createVirtualClock, type VirtualClock } from '../support/virtual-clock.ts';

const timeoutMs = 100;
const effects: readonly ToolEffect[] = ['none', 'idempotent', 'once'];

const behaviour = fc.record({
  how: fc.constantFrom('fulfils', 'rejects', 'throws', 'hangs', 'obeys its signal'),
  tookMs: fc.integer({ min: 0, max: 150 }),
});

const commit = fc.record({
  tookMs: fc.integer({ min: 0, max: 120 }),
  how: fc.constantFrom('stored', 'stored', 'refused', 'broken'),
});

const batch = fc.record({
  /** Which effect, which of few keys, and whether the model wrote sense. */
  calls: fc.array(fc.tuple(fc.nat(2), fc.nat(2), fc.boolean()), { maxLength: 5 }),
  lastsMs: fc.integer({ min: 0, max: 400 }),
  ends: fc.constantFrom('left alone', 'stopped', 'process dies'),
});

const scenario = fc.record({
  behaviours: fc.array(behaviour, { minLength: 1, maxLength: 6 }),
  commits: fc.array(commit, { minLength: 1, maxLength: 4 }),
  batches: fc.array(batch, { minLength: 1, maxLength: 5 }),
});

type Scenario = typeof scenario extends fc.Arbitrary<infer Value> ? Value : never;

interface Ran {
  readonly key: string;
  readonly effect: ToolEffect;
  readonly at: number;
  readonly process: number;
  readonly promised: boolean;
}

/** One phone call: batch after batch, by the next process when the last one died, as a call's machine would drive it. */
async function phoneCall({ behaviours, commits, batches }: Scenario) {
  const clock = createVirtualClock();
  const ran: Ran[] = [];
  let process = 0;
  let lastCommit = 0;
  let commitsAsked = 0;

  const committed = () => {
    const { tookMs, how } = commits[commitsAsked++ % commits.length]!;
    return new Promise<boolean>((resolve, reject) => {
      clock.setTimeout(() => {
        lastCommit = clock.now();
        if (how === 'broken') return reject(new Error('disk full'));
        resolve(how === 'stored');
      }, tookMs);
    });
  };
  const toolOf = (effect: ToolEffect, own: number) =>
    numberTool(
      (_, { key, signal }) => {
        if (own !== process) throw new Error('a dead process runs tools');
        const { how, tookMs } = behaviours[ran.length % behaviours.length]!;
        ran.push({ key, effect, at: clock.now(), process, promised: effect !== 'once' || lastCommit === clock.now() });
        if (how === 'throws') throw new Error('thrown');
        return work(clock, how, tookMs, signal);
      },
      { effect, timeoutMs },
    );
  const fresh = () => {
    const own = process;
    const tools = Object.fromEntries(effects.map((effect) => [effect, toolOf(effect, own)]));
    // A dead process does nothing more: whatever it still waits for never comes.
    const alive = () => committed().then((stored) => (own === process ? stored : new Promise<boolean>(() => {})));
    return runTools(toolsOf(tools), clock, { committed: alive });
  };

  let logic = fresh();
  const seen: {
    readonly input: ToolsInput;
    readonly facts: readonly ToolFact[];
    readonly endedAt: number;
    readonly ends: string;
  }[] = [];
  for (const [index, { calls, lastsMs, ends }] of batches.entries()) {
    const input = { calls: calls.map((each, place) => wish(each, `${index}.${place}`)), ...heritage(seen) };
    const running = startBatch(logic, input);
    const livesMs = ends === 'left alone' ? 1_000 : lastsMs;
    // oxlint-disable-next-line no-await-in-loop
    await clock.advance(livesMs);
    running.stop();
    const endedAt = clock.now();
    if (ends === 'process dies') {
      process += 1;
      logic = fresh();
    }
    seen.push({ input, facts: running.facts, endedAt, ends });
  }
  await clock.advance(10 * timeoutMs);
  return { clock, ran, seen };
}

const work = (clock: VirtualClock, how: string, tookMs: number, signal: AbortSignal): Promise<string> =>
  new Promise((resolve, reject) => {
    if (how === 'obeys its signal') signal.addEventListener('abort', () => reject(new Error('aborted')));
    if (how === 'hangs' || how === 'obeys its signal') return;
    clock.setTimeout(() => (how === 'rejects' ? reject(new Error('no')) : resolve('word '.repeat(2_000))), tookMs);
  });

const wish = ([effect, key, sense]: [number, number, boolean], id: string): RequestedTool => ({
  id,
  name: effects[effect]!,
  key: `${effects[effect]}:${key}:${sense}`,
  input: sense ? `{"n":${key}}` : '{"n":"?"}',
});

type Seen = Awaited<ReturnType<typeof phoneCall>>['seen'];

/** What the record of the call hands to the next reply: results, and starts that have none. */
function heritage(seen: Seen): Pick<ToolsInput, 'known' | 'resumed'> {
  const facts = seen.flatMap((each) => each.facts);
  const known = facts.filter((fact) => fact.type === 'tool.finished');
  const started = facts.filter((fact) => fact.type === 'tool.started');
  const open = started.filter(({ key }) => !known.some((fact) => fact.key === key));
  const inputs = new Map(seen.flatMap(({ input }) => input.calls.map((call) => [call.key, call.input] as const)));
  const byKey = new Map(
    open.map(({ key, name, effect, id }) => [key, { key, name, effect, id, input: inputs.get(key) ?? '{}' }]),
  );
  return { known: known.filter(({ key }) => started.some((fact) => fact.key === key)), resumed: [...byKey.values()] };
}

const counted = (list: readonly string[]): Map<string, number> =>
  list.reduce((counts, each) => counts.set(each, (counts.get(each) ?? 0) + 1), new Map<string, number>());

test('whatever tools, stores, stops and crashes do: once runs at most once and only when stored, and every call gets one answer in time', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async (each) => {
      const { clock, ran, seen } = await phoneCall(each);

      for (const [key, times] of counted(ran.map(({ key }) => key))) {
        const breaks = seen.filter(({ ends }) => ends !== 'left alone').length;
        expect(times, key).toBeLessThanOrEqual(key.startsWith('once') ? 1 : 1 + breaks);
      }
      expect(ran.filter(({ promised }) => !promised)).toEqual([]);
      expect(ran.filter(({ key }) => key.endsWith('false'))).toEqual([]);
      expect(clock.pending()).toBe(0);

      for (const { input, facts, endedAt, ends } of seen) checkBatch(input, facts, endedAt, ends);
    }),
    { numRuns: 250 },
  );
});

function checkBatch(input: ToolsInput, facts: readonly ToolFact[], endedAt: number, ends: string): void {
  const finished = facts.filter((fact) => fact.type === 'tool.finished');
  const left = (input.resumed ?? []).filter(({ key }) => !input.calls.some((call) => call.key === key));
  const ids = [...input.calls.map(({ id }) => id), ...left.map(({ id }) => id)].sort();

  expect(facts.filter(({ at }) => at > endedAt)).toEqual([]);
  expect([...counted(finished.map(({ id, key }) => `${id} ${key}`)).values()].filter((times) => times > 1)).toEqual([]);
  if (ends === 'left alone') {
    expect(finished.map(({ id }) => id).sort()).toEqual(ids);
    expect(facts.filter(({ type }) => type === 'tools.finished')).toEqual([facts.at(-1)]);
  }
  for (const { key, at } of facts.filter((fact) => fact.type === 'tool.started'))
    expect(finished.find((fact) => fact.key === key)?.at ?? at).toBeLessThanOrEqual(at + timeoutMs);
  for (const { ok, text } of finished) {
    expect(text.length).toBeLessThanOrEqual(4_000);
    if (ok) expect(text).toBe(resultText('word '.repeat(2_000)));
    else expect(['timeout', 'failed', 'invalid_input', 'outcome_unknown']).toContain(errorOf(text).code);
  }
}

test('calls of one key asked at any moments of one process are answered alike', async () => {
  const moments = fc.array(fc.integer({ min: 0, max: 200 }), { minLength: 2, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(moments, behaviour, fc.constantFrom(...effects), async (starts, { how, tookMs }, effect) => {
      const clock = createVirtualClock();
      let runs = 0;
      const run = (_: unknown, { signal }: { signal: AbortSignal }) => ((runs += 1), work(clock, how, tookMs, signal));
      const logic = runTools(toolsOf({ t: numberTool(run, { effect, timeoutMs }) }), clock, {
        committed: () => Promise.resolve(true),
      });
      const begun: ReturnType<typeof startBatch>[] = [];
      for (const [index, at] of starts.entries())
        clock.setTimeout(
          () => void begun.push(startBatch(logic, { calls: [{ id: `${index}`, name: 't', key: 'k', input: '' }] })),
          at,
        );
      await clock.advance(1_000);
      const texts = begun.flatMap((each) => each.finished().map(({ text }) => text));
      expect([runs, texts.length, new Set(texts).size]).toEqual([1, starts.length, 1]);
    }),
    { numRuns: 100 },
  );
});
