import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ModelRequest } from '../../src/actors/reply-model.ts';
import { tool } from '../../src/agent.ts';
import type { Failure } from '../../src/failure.ts';
import type { FakeAnswer, FakeModelOptions } from '../support/fakes/fake-model.ts';
import { openReply } from '../support/reply-bench.ts';
import { failure } from '../support/call-plays.ts';

const text = 'Ruby it is, a fine stone, and rare. It is yours for the asking.';
const filler = /One moment, please\. ?/g;
const apology = 'I am sorry, something went wrong on our side.';

type Faulty = Omit<FakeModelOptions, 'clock'>;

const says = (answer: FakeAnswer): Faulty => ({ answer: () => ({ text, ...answer }) });
const fails = (facts: Partial<Failure>, failAfter = 0) => says({ failure: { ...failure, ...facts }, failAfter });
const status = (httpStatus: number, retryable: boolean, more = {}) => fails({ httpStatus, retryable, ...more });

const faults: readonly (readonly [string, Faulty])[] = [
  ['refuses', fails({ class: 'network', errno: 'ECONNREFUSED' })],
  ['hangs', says({ stallAfter: 0 })],
  ['is reset before its first token', fails({ class: 'network', errno: 'ECONNRESET' })],
  ['stalls in mid-stream', says({ stallAfter: 4 })],
  ['stalls before the first clause is whole', says({ stallAfter: 1 })],
  ['stalls with its last word said', says({ stallAfter: 13 })],
  ['is reset in mid-stream', fails({ class: 'network' }, 6)],
  ['closes in mid-stream', fails({ class: 'network', sub: 'stall' }, 3)],
  ['answers 401', status(401, false, { class: 'auth' })],
  ['answers 403', status(403, false, { class: 'auth' })],
  ['answers 429', status(429, true)],
  ['answers 429 with Retry-After', status(429, true, { retryAfterMs: 20_000 })],
  ['answers 500', status(500, true)],
  ['answers 503', status(503, true)],
  ['sends garbage', fails({ sub: 'protocol' }, 2)],
  ['drips', { ...says({}), tokenMs: 1900 }],
  ['begins late and drips', { ...says({}), firstTokenMs: 2400, tokenMs: 1900 }],
  ['says nothing', says({ text: '' })],
  ['has its answer withheld', fails({ vendorCode: 'content_filter', retryable: false }, 5)],
];

const begun = ({ messages }: ModelRequest): string | undefined => {
  const [last, wish] = messages.slice(-2);
  return wish?.role === 'system' && last?.role === 'assistant' ? last.text.trimEnd() : undefined;
};

const goesOn: Faulty = { answer: (request) => ({ text: text.slice(begun(request)?.length ?? 0).trimStart() }) };
const beginsAnew: Faulty = { answer: () => ({ text }) };

const tools = { look: tool({ about: 'Looks.', input: z.object({}), run: () => 'red' }) };
const hasResult = ({ messages }: ModelRequest) => messages.some(({ role }) => role === 'tool');

describe('R10.4 a model that fails', () => {
  it.each(faults)('%s: the second completes the answer, nothing is said twice', async (_, model) => {
    for (const backup of [goesOn, beginsAnew]) {
      const call = openReply({ model, backup });
      // oxlint-disable-next-line no-await-in-loop
      await call.plays();
      expect(call.said().replaceAll(filler, '')).toBe(text);
      expect(call.asked.map((requests) => requests.length)).toEqual([1, 1]);
      expect(call.finished()).toBe(true);
      expect(Math.max(...call.silences())).toBeLessThan(2500);
    }
  });

  it('tells the second what was said, and to go on', async () => {
    const call = openReply({ model: says({ stallAfter: 4 }), backup: goesOn });
    await call.plays();
    expect(call.asked[1]![0]!.messages.slice(-2)).toMatchObject([
      { role: 'assistant', text: 'Ruby it is,' },
      { role: 'system' },
    ]);
  });

  it('is followed by the first again when the second fails too, in the next round only', async () => {
    const backup: Faulty = {
      answer: (request) =>
        hasResult(request) ? { text, failure, failAfter: 0 } : { tools: [{ name: 'look', input: {} }] },
    };
    const model: Faulty = { answer: (request) => (hasResult(request) ? { text } : { text, failure }) };
    const call = openReply({ model, backup, tools });
    await call.plays();
    expect(call.said().replaceAll(filler, '')).toBe(text);
    expect(call.asked.map((requests) => requests.length)).toEqual([2, 2]);
  });

  it('that says nothing of what a tool found, after words of its own, is followed by the second', async () => {
    const look = tool({ about: 'Looks.', input: z.object({}), run: () => 'ruby' });
    const model: Faulty = {
      answer: (request) =>
        hasResult(request) ? { text: '' } : { text: 'Let me look.', tools: [{ name: 'look', input: {} }] },
    };
    const call = openReply({ model, backup: says({}), tools: { look } });
    await call.plays();
    expect(call.said()).toBe(`Let me look. ${text}`);
    const alone = openReply({ model, backup: says({ text: '' }), tools: { look } });
    await alone.plays();
    expect(alone.said()).toBe('Let me look.');
  });

  it('with all others ends the turn with an apology, and no silence is longer than 2.5 s', async () => {
    const call = openReply({ model: says({ stallAfter: 0 }), backup: says({ stallAfter: 0 }) });
    await call.plays();
    expect(call.said()).toMatch(new RegExp(`${apology}$`));
    expect(call.finished()).toBe(true);
    expect(Math.max(...call.silences())).toBeLessThan(2500);
  });
});

const slow = () => new Promise(() => undefined);

it('R10.4 a tool that takes its ten seconds leaves the caller in no silence of 2.5 s', async () => {
  const call = openReply({
    model: { answer: (request) => (hasResult(request) ? { text } : { tools: [{ name: 'look', input: {} }] }) },
    tools: { look: tool({ about: 'Looks.', input: z.object({}), run: slow }) },
  });
  await call.plays();
  expect(call.said().replaceAll(filler, '')).toBe(text);
  expect(Math.max(...call.silences())).toBeLessThan(2500);
});
