import { expect, test } from 'vitest';
import { z } from 'zod';
import { agentTools, runTools, type Intentions } from '../../src/actors/run-tools.ts';
import { tool, toolError, type Tool } from '../../src/agent.ts';
import { after, committedAtOnce, errorOf, numberTool, startBatch, toolsOf } from '../support/tool-bench.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const call = (name: string, input = '{}', key = `k:${name}:${input}`, id = `id:${key}`) => ({ id, name, input, key });

function bench(tools: Readonly<Record<string, Tool>>, intentions: Intentions = committedAtOnce) {
  const clock = createVirtualClock(1_000);
  return { clock, logic: runTools(toolsOf(tools), clock, intentions) };
}

test('runs the calls of a batch in parallel and reports each as it ends, then the batch', async () => {
  const clock = createVirtualClock();
  const slow = numberTool(() => after(clock, 300, { price: 240 }));
  const quick = numberTool(() => after(clock, 100, 'half past seven'), { meanwhile: 'Let me look.' });
  const batch = startBatch(runTools(toolsOf({ slow, quick }), clock, committedAtOnce), {
    calls: [call('slow', '{}', 'a', '1'), call('quick', '{}', 'b', '2')],
  });
  await clock.advance(1_000);
  expect(batch.facts).toEqual([
    { type: 'tool.started', id: '1', key: 'a', name: 'slow', effect: 'none', at: 0 },
    { type: 'tool.started', id: '2', key: 'b', name: 'quick', effect: 'none', meanwhile: 'Let me look.', at: 0 },
    { type: 'tool.finished', id: '2', key: 'b', name: 'quick', ok: true, text: 'half past seven', at: 100 },
    { type: 'tool.finished', id: '1', key: 'a', name: 'slow', ok: true, text: '{"price":240}', at: 300 },
    { type: 'tools.finished', at: 300 },
  ]);
});

test('a batch without calls is finished at once', () => {
  const { logic } = bench({});
  expect(startBatch(logic, { calls: [] }).types()).toEqual(['tools.finished']);
});

test('hands the tool its checked input, its key and a signal', async () => {
  const seen: unknown[] = [];
  const input = z.object({ nights: z.int(), breakfast: z.boolean().default(true) });
  const book = tool({
    about: 'book',
    input,
    run: (value, { key, signal }) => void seen.push([value, key, signal.aborted]),
  });
  const { clock, logic } = bench({ book });
  const batch = startBatch(logic, { calls: [call('book', '{"nights":2,"other":1}', 'room~9:3:book')] });
  await clock.settle();
  expect(seen).toEqual([[{ nights: 2, breakfast: true }, 'room~9:3:book', false]]);
  expect(batch.finished()).toMatchObject([{ ok: true, text: 'done' }]);
});

test.each([
  ['not JSON', '{"nights":', 'input: this is not valid JSON'],
  ['not an object', '[1]', 'input: Invalid input: expected object, received array'],
  ['a field of the wrong kind', '{"nights":"two"}', 'nights: Invalid input: expected number, received string'],
  ['a nested one', '{"nights":1,"guest":{}}', 'guest.name: Invalid input: expected string, received undefined'],
])('input that is %s is not run, and the model is told the field', async (_, input, message) => {
  const schema = z.object({ nights: z.number(), guest: z.object({ name: z.string() }).optional() });
  let ran = 0;
  const { clock, logic } = bench({ book: tool({ about: 'book', input: schema, run: () => (ran += 1) }) });
  const batch = startBatch(logic, { calls: [call('book', input)] });
  await clock.settle();
  expect(batch.types()).toEqual(['tool.finished', 'tools.finished']);
  expect(batch.finished().map(({ ok, text }) => [ok, errorOf(text)])).toEqual([
    [false, { code: 'invalid_input', message }],
  ]);
  expect(ran).toBe(0);
});

test('input the schema itself throws on counts as a failure of the tool', async () => {
  const input = z.object({ n: z.number().refine(() => Promise.reject(new Error('lookup broke'))) });
  const { clock, logic } = bench({ odd: tool({ about: 'odd', input, run: () => 1 }) });
  const batch = startBatch(logic, { calls: [call('odd', '{"n":1}')] });
  await clock.settle();
  expect(batch.finished()).toMatchObject([{ ok: false, cause: 'Error: lookup broke' }]);
});

test.each(['no_such', 'constructor', '__proto__', 'toString'])(
  'a tool the agent does not have (%s) is unknown',
  async (name) => {
    const clock = createVirtualClock();
    const logic = runTools(agentTools({ tools: {} }), clock, committedAtOnce);
    const batch = startBatch(logic, { calls: [call(name)] });
    await clock.settle();
    expect(batch.finished().map(({ text }) => errorOf(text))).toEqual([
      { code: 'unknown_tool', message: `there is no tool ${name}` },
    ]);
  },
);

test('a tool past its time limit is told as a timeout and its signal aborts', async () => {
  let signal: AbortSignal | undefined;
  const hang = numberTool((_, context) => ((signal = context.signal), new Promise(() => {})), { timeoutMs: 500 });
  const { clock, logic } = bench({ hang });
  const batch = startBatch(logic, { calls: [call('hang')] });
  await clock.advance(499);
  expect(batch.types()).toEqual(['tool.started']);
  await clock.advance(1);
  expect(batch.finished().map(({ text }) => errorOf(text))).toEqual([
    { code: 'timeout', message: 'hang gave no result within 500 ms.' },
  ]);
  expect(signal?.aborted).toBe(true);
});

test('a tool of effect once past its time limit is not to be repeated by the model', async () => {
  const { clock, logic } = bench({ book: numberTool(() => new Promise(() => {}), { effect: 'once', timeoutMs: 500 }) });
  const batch = startBatch(logic, { calls: [call('book')] });
  await clock.advance(500);
  expect(errorOf(batch.finished()[0]?.text ?? '')).toEqual({
    code: 'timeout',
    message:
      'book gave no result within 500 ms. Whether it was done is not known. Do not repeat it by yourself; tell the caller.',
  });
});

test('of a foreign error the model learns only that the tool failed; the log gets its first line, redacted', async () => {
  const tools = {
    throws: numberTool(() => {
      throw new TypeError('connect postgres with Bearer_abcdefgh1234\nat secretPlace.ts:1');
    }),
    rejects: numberTool(() => Promise.reject(Object.create(null))),
    circular: numberTool(() => {
      const value: { self?: unknown } = {};
      return (value.self = value);
    }),
  };
  const { clock, logic } = bench(tools);
  const batch = startBatch(logic, { calls: Object.keys(tools).map((name) => call(name)) });
  await clock.settle();
  expect(Object.fromEntries(batch.finished().map(({ name, text }) => [name, errorOf(text)]))).toEqual({
    throws: { code: 'failed', message: 'throws failed' },
    rejects: { code: 'failed', message: 'rejects failed' },
    circular: { code: 'failed', message: 'circular failed' },
  });
  const causes = batch.finished().map(({ cause }) => cause);
  expect(causes).toContain('TypeError: connect postgres with [secret]');
  expect(causes).toContain('something that cannot be read');
});

test('what a tool throws as toolError is told to the model word for word', async () => {
  const full = numberTool(() => {
    throw toolError('No room is free that night.');
  });
  const { clock, logic } = bench({ full });
  const batch = startBatch(logic, { calls: [call('full')] });
  await clock.settle();
  expect(batch.finished()).toMatchObject([
    { ok: false, text: '{"error":{"code":"failed","message":"No room is free that night."}}' },
  ]);
  expect(batch.finished()[0]).not.toHaveProperty('cause');
});

test('a result is cut at 4,000 characters, says so, and leaves no half character', async () => {
  const { clock, logic } = bench({
    long: numberTool(() => '🏨'.repeat(4_000)),
    fits: numberTool(() => 'x'.repeat(4_000)),
  });
  const batch = startBatch(logic, { calls: [call('long'), call('fits')] });
  await clock.settle();
  const [long, fits] = batch.finished();
  expect(long?.text.length).toBeLessThanOrEqual(4_000);
  expect(long?.text).toMatch(/🏨 … \[cut here: 8000 characters in all\]$/u);
  expect(fits?.text).toBe('x'.repeat(4_000));
});

test('a key runs once: a second call waits for the first, and a later one is given its result', async () => {
  const clock = createVirtualClock();
  let runs = 0;
  const count = numberTool(() => after(clock, 200, `run ${(runs += 1)}`), { effect: 'once' });
  const logic = runTools(toolsOf({ count }), clock, committedAtOnce);
  const first = startBatch(logic, { calls: [call('count', '{}', 'same', '1'), call('count', '{}', 'same', '2')] });
  await clock.advance(200);
  const later = startBatch(logic, { calls: [call('count', '{}', 'same', '3'), call('count', '{}', 'other', '4')] });
  await clock.advance(200);
  const ended = [...first.finished(), ...later.finished()];
  expect(ended.map(({ id, text, at }) => [id, text, at])).toEqual([
    ['1', 'run 1', 200],
    ['2', 'run 1', 200],
    ['3', 'run 1', 200],
    ['4', 'run 2', 400],
  ]);
  expect([...first.types(), ...later.types()].filter((type) => type === 'tool.started')).toHaveLength(2);
});

test('a tool of effect once is reported, then waits until that is stored, and only then runs', async () => {
  const clock = createVirtualClock();
  const order: string[] = [];
  const committed = () => (order.push('asked'), after(clock, 300, true));
  const book = numberTool(() => void order.push(`ran at ${clock.now()}`), { effect: 'once' });
  const batch = startBatch(runTools(toolsOf({ book }), clock, { committed }), { calls: [call('book')] });
  await clock.advance(299);
  expect([batch.types(), order]).toEqual([['tool.started'], ['asked']]);
  await clock.advance(1);
  expect(order).toEqual(['asked', 'ran at 300']);
});

test.each(['none', 'idempotent'] as const)('a tool of effect %s does not wait for the store', async (effect) => {
  const never: Intentions = { committed: () => new Promise(() => {}) };
  const { clock, logic } = bench({ look: numberTool(() => 7, { effect }) }, never);
  const batch = startBatch(logic, { calls: [call('look')] });
  await clock.settle();
  expect(batch.finished()).toMatchObject([{ ok: true, text: '7' }]);
});

test.each<[string, Intentions['committed']]>([
  ['is refused', () => Promise.resolve(false)],
  ['cannot be stored', () => Promise.reject(new Error('disk full'))],
])('an intention that %s keeps the tool from running; the next try may run it', async (_, committed) => {
  let runs = 0;
  let answers: Intentions['committed'] = committed;
  const book = numberTool(() => (runs += 1), { effect: 'once' });
  const { clock, logic } = bench({ book }, { committed: () => answers() });
  const batch = startBatch(logic, { calls: [call('book')] });
  await clock.settle();
  expect([errorOf(batch.finished()[0]?.text ?? '').code, runs]).toEqual(['failed', 0]);
  answers = () => Promise.resolve(true);
  const again = startBatch(logic, { calls: [call('book')] });
  await clock.settle();
  expect([again.finished()[0]?.text, runs]).toEqual(['1', 1]);
});

test('an intention that is stored after the time limit does not run the tool any more', async () => {
  const clock = createVirtualClock();
  let runs = 0;
  const book = numberTool(() => (runs += 1), { effect: 'once', timeoutMs: 500 });
  const logic = runTools(toolsOf({ book }), clock, { committed: () => after(clock, 900, true) });
  const batch = startBatch(logic, { calls: [call('book')] });
  await clock.advance(2_000);
  expect([errorOf(batch.finished()[0]?.text ?? ''), runs]).toEqual([
    { code: 'timeout', message: 'book gave no result within 500 ms.' },
    0,
  ]);
});

test('stopping aborts a tool that may be repeated, reports nothing more and leaves no timer', async () => {
  let signal: AbortSignal | undefined;
  const hang = numberTool((_, context) => ((signal = context.signal), new Promise(() => {})));
  const { clock, logic } = bench({ hang });
  const batch = startBatch(logic, { calls: [call('hang')] });
  await clock.settle();
  batch.stop();
  expect([signal?.aborted, clock.pending()]).toEqual([true, 0]);
  await clock.advance(60_000);
  expect(batch.types()).toEqual(['tool.started']);
});

test.each(['none', 'idempotent'] as const)(
  'a tool of effect %s that was cut off runs again under its key',
  async (effect) => {
    const clock = createVirtualClock();
    const keys: string[] = [];
    const look = numberTool((_, { key }) => after(clock, 100, `look ${keys.push(key)}`), { effect });
    const logic = runTools(toolsOf({ look }), clock, committedAtOnce);
    const cut = startBatch(logic, { calls: [call('look', '{}', 'k')] });
    await clock.advance(50);
    cut.stop();
    const asked = startBatch(logic, { calls: [call('look', '{}', 'k')] });
    await clock.advance(100);
    expect([keys, asked.finished()[0]?.text]).toEqual([['k', 'k'], 'look 2']);
  },
);

test('a tool of effect once that has begun goes on when stopped, and its result waits for whoever resumes it', async () => {
  const clock = createVirtualClock();
  let runs = 0;
  const book = numberTool((_, { signal }) => after(clock, 400, `booked ${(runs += 1)}, aborted ${signal.aborted}`), {
    effect: 'once',
  });
  const logic = runTools(toolsOf({ book }), clock, committedAtOnce);
  const cut = startBatch(logic, { calls: [call('book', '{}', 'k')] });
  await clock.advance(100);
  cut.stop();
  const next = startBatch(logic, {
    calls: [],
    resumed: [{ key: 'k', name: 'book', effect: 'once', id: 'i', input: '{}' }],
  });
  await clock.advance(400);
  expect(cut.types()).toEqual(['tool.started']);
  expect(next.finished()).toEqual([
    { type: 'tool.finished', id: 'i', key: 'k', name: 'book', ok: true, text: 'booked 1, aborted false', at: 400 },
  ]);
});

test('a tool of effect once that was stopped before it began is told as not run, and may be asked again', async () => {
  const clock = createVirtualClock();
  let runs = 0;
  const book = numberTool(() => (runs += 1), { effect: 'once' });
  const logic = runTools(toolsOf({ book }), clock, { committed: () => after(clock, 100, true) });
  startBatch(logic, { calls: [call('book', '{}', 'k')] }).stop();
  await clock.advance(1_000);
  const next = startBatch(logic, { calls: [], resumed: [{ key: 'k', name: 'book', effect: 'once' }] });
  await clock.settle();
  expect([errorOf(next.finished()[0]?.text ?? ''), runs]).toEqual([
    { code: 'failed', message: 'book was not run: nobody waited for it any more' },
    0,
  ]);
  const asked = startBatch(logic, { calls: [call('book', '{}', 'k')] });
  await clock.advance(1_000);
  expect([asked.finished()[0]?.text, runs]).toEqual(['1', 1]);
});

test('after a restore: none and idempotent run again under their key, once is told as unknown and never run', async () => {
  const ran: unknown[] = [];
  const run = (_: unknown, { key }: { key: string }) => `ran ${ran.push(key)}`;
  const tools = {
    look: numberTool(run),
    put: numberTool(run, { effect: 'idempotent' }),
    book: numberTool(run, { effect: 'once' }),
  };
  const { clock, logic } = bench(tools);
  const batch = startBatch(logic, {
    calls: [call('book', '{}', 'kb', 'again')],
    resumed: [
      { key: 'kl', name: 'look', effect: 'none', id: '1', input: '{}' },
      { key: 'kp', name: 'put', effect: 'idempotent', id: '2', input: '{"n":1}' },
      { key: 'kb', name: 'book', effect: 'once', id: '3', input: '{}' },
    ],
  });
  await clock.settle();
  expect(ran).toEqual(['kl', 'kp']);
  const texts = Object.fromEntries(batch.finished().map(({ id, ok, text }) => [id, ok ? text : errorOf(text).code]));
  expect(texts).toEqual({ 1: 'ran 1', 2: 'ran 2', again: 'outcome_unknown' });
  const asked = startBatch(logic, { calls: [call('book', '{}', 'kb')] });
  await clock.settle();
  expect(errorOf(asked.finished()[0]?.text ?? '').code).toBe('outcome_unknown');
});

test('a tool that has become one of effect once since it was started is not run again', async () => {
  let runs = 0;
  const { clock, logic } = bench({ book: numberTool(() => (runs += 1), { effect: 'once' }) });
  const batch = startBatch(logic, { calls: [], resumed: [{ key: 'k', name: 'book', effect: 'none', input: '{}' }] });
  await clock.settle();
  expect([errorOf(batch.finished()[0]?.text ?? '').code, runs]).toEqual(['outcome_unknown', 0]);
});

test('a result known from before a restore is given again instead of running the tool', async () => {
  let runs = 0;
  const { clock, logic } = bench({ book: numberTool(() => (runs += 1), { effect: 'once' }) });
  const batch = startBatch(logic, {
    calls: [call('book', '{}', 'k')],
    known: [{ key: 'k', ok: true, text: 'booked: 4711' }],
  });
  await clock.settle();
  expect([batch.finished()[0]?.text, runs]).toEqual(['booked: 4711', 0]);
});

test('at a thousand keys in one phone call no new one is run, and those that were are still remembered', async () => {
  let runs = 0;
  const { clock, logic } = bench({ look: numberTool(() => (runs += 1)) });
  const calls = Array.from({ length: 1_001 }, (_, index) => call('look', '{}', `k${index}`));
  const batch = startBatch(logic, { calls });
  await clock.settle();
  expect(runs).toBe(1_000);
  expect(
    batch
      .finished()
      .filter(({ ok }) => !ok)
      .map(({ key, text }) => [key, errorOf(text).code]),
  ).toEqual([['k1000', 'failed']]);
  const again = startBatch(logic, { calls: [call('look', '{}', 'k7')] });
  await clock.settle();
  expect([again.finished()[0]?.text, runs]).toEqual(['8', 1_000]);
});
